/** Lets somebody come back. */
import { answer, api } from '../../../api/client';

export const unban = (slug: string, id: string) =>
  api.DELETE('/api/rooms/{slug}/bans/{id}', { params: { path: { slug, id } } }).then(answer);
