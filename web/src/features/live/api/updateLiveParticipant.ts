/** Changes a participant of a live room. */
import { answer, api } from '../../../api/client';
import type { components } from '../../../api/schema';

export const updateLiveParticipant = (
  name: string,
  identity: string,
  body: components['schemas']['UpdateLiveParticipant'],
) =>
  api
    .PATCH('/api/livekit/rooms/{name}/participants/{identity}', {
      params: { path: { name, identity } },
      body,
    })
    .then(answer);
