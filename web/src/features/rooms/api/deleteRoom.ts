/** Deletes a room and ends its call. */
import { request } from '../../../api/client';

export const deleteRoom = (slug: string) =>
  request('DELETE', '/api/rooms/{slug}', { path: { slug } });
