/** Raises or lowers a hand; a moderator may lower another's. */
import { answer, api } from '../../../api/client';

export const raiseHand = (slug: string, raised: boolean, identity?: string) =>
  api
    .POST('/api/rooms/{slug}/hand', { params: { path: { slug } }, body: { raised, identity } })
    .then(answer);
