/** Replaces a live room's metadata. */
import { answer, api } from '../../../api/client';

export const updateLiveRoom = (name: string, metadata: string) =>
  api
    .PATCH('/api/livekit/rooms/{name}', { params: { path: { name } }, body: { metadata } })
    .then(answer);
