/** Deletes a room and ends its call. */
import { request } from '../../../api/client';

export const deleteRoom = (slug: string) =>
  request<void>('DELETE', '/api/rooms/{slug}', { path: { slug } });
