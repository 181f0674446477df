/** Locks or unlocks a room: a locked room lets nobody new in. */
import { request } from '../../../api/client';
import type { Room } from '../../../api/types';

export const setLock = (slug: string, locked: boolean) =>
  request<Room>('PUT', '/api/rooms/{slug}/lock', { path: { slug }, body: { locked } });
