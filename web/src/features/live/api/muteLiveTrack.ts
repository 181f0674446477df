/** Mutes a track in a live room. */
import { answer, api } from '../../../api/client';

export const muteLiveTrack = (name: string, identity: string, sid: string) =>
  api
    .POST('/api/livekit/rooms/{name}/participants/{identity}/tracks/{sid}/mute', {
      params: { path: { name, identity, sid } },
    })
    .then(answer);
