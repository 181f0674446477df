/** Mutes a microphone, stops a camera or a share of somebody. */
import { answer, api } from '../../../api/client';
import type { TrackSource } from '../../../api/types';

export const muteTrack = (slug: string, identity: string, source: TrackSource) =>
  api
    .POST('/api/rooms/{slug}/participants/{identity}/mute', {
      params: { path: { slug, identity } },
      body: { source },
    })
    .then(answer);
