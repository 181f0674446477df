/** Raises or lowers a hand; a moderator may lower another's. */
import { request } from '../../../api/client';

export const raiseHand = (slug: string, raised: boolean, identity?: string) =>
  request('POST', '/api/rooms/{slug}/hand', { path: { slug }, body: { raised, identity } });
