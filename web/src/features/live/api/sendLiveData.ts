/** Sends a message of the server's to everybody in a live room. */
import { answer, api } from '../../../api/client';

export const sendLiveData = (name: string, body: { payload: string; topic?: string }) =>
  api.POST('/api/livekit/rooms/{name}/data', { params: { path: { name } }, body }).then(answer);
