/** Changes a room's settings. */
import { request } from '../../../api/client';
import type { NewRoom, Room } from '../../../api/types';

export const updateRoom = (slug: string, body: Partial<NewRoom>) =>
  request<Room>('PATCH', '/api/rooms/{slug}', { path: { slug }, body });
