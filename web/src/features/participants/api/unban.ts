/** Lets somebody come back. */
import { request } from '../../../api/client';

export const unban = (slug: string, id: string) =>
  request('DELETE', '/api/rooms/{slug}/bans/{id}', { path: { slug, id } });
