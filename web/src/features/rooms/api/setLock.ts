/** Locks or unlocks a room: a locked room lets nobody new in. */
import { request } from '../../../api/client';

export const setLock = (slug: string, locked: boolean) =>
  request('PUT', '/api/rooms/{slug}/lock', { path: { slug }, body: { locked } });
