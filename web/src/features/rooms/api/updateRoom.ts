/** Changes a room's settings; with `seen`, only while nobody else changed them since. */
import { request } from '../../../api/client';
import type { RoomChange } from '../../../api/types';

export const updateRoom = (slug: string, body: RoomChange, seen?: number) =>
  request('PATCH', '/api/rooms/{slug}', { path: { slug }, body, seen });
