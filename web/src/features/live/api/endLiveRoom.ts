/** Ends a live room for everybody. */
import { answer, api } from '../../../api/client';

export const endLiveRoom = (name: string) =>
  api.DELETE('/api/livekit/rooms/{name}', { params: { path: { name } } }).then(answer);
