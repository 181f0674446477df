/** Deletes a room and ends its call. */
import { answer, api } from '../../../api/client';

export const deleteRoom = (slug: string) =>
  api.DELETE('/api/rooms/{slug}', { params: { path: { slug } } }).then(answer);
