/** Mutes a microphone, stops a camera or a share of somebody. */
import { request } from '../../../api/client';
import type { TrackSource } from '../../../api/types';

export const muteTrack = (slug: string, identity: string, source: TrackSource) =>
  request('POST', '/api/rooms/{slug}/participants/{identity}/mute', {
    path: { slug, identity },
    body: { source },
  });
