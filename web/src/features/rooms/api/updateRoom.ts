/** Changes a room's settings. */
import { request } from '../../../api/client';
import type { NewRoom } from '../../../api/types';

export const updateRoom = (slug: string, body: Partial<NewRoom>) =>
  request('PATCH', '/api/rooms/{slug}', { path: { slug }, body });
