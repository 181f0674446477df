/** Has an agent come into a room's calls no more. */
import { answer, api } from '../../../api/client';

export const removeRoomAgent = (slug: string, id: string) =>
  api.DELETE('/api/rooms/{slug}/agents/{id}', { params: { path: { slug, id } } }).then(answer);
