/** Mutes everybody but moderators. */
import { request } from '../../../api/client';
import type { TrackSource } from '../../../api/types';

export const muteAll = (slug: string, source: TrackSource) =>
  request('POST', '/api/rooms/{slug}/mute-all', {
    path: { slug },
    body: { source },
  });
