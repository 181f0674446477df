/** Sends somebody out of a live room. */
import { answer, api } from '../../../api/client';

export const removeLiveParticipant = (name: string, identity: string) =>
  api
    .DELETE('/api/livekit/rooms/{name}/participants/{identity}', {
      params: { path: { name, identity } },
    })
    .then(answer);
