/** Locks or unlocks a room: a locked room lets nobody new in. */
import { answer, api } from '../../../api/client';

export const setLock = (slug: string, locked: boolean) =>
  api.PUT('/api/rooms/{slug}/lock', { params: { path: { slug } }, body: { locked } }).then(answer);
