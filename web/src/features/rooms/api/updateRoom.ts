/** Changes a room's settings; with `seen`, only while nobody else changed them since. */
import { answer, api, seenAt } from '../../../api/client';
import type { RoomChange } from '../../../api/types';

export const updateRoom = (slug: string, body: RoomChange, seen?: number) =>
  api
    .PATCH('/api/rooms/{slug}', { params: { path: { slug }, header: seenAt(seen) }, body })
    .then(answer);
