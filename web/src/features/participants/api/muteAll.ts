/** Mutes everybody but moderators. */
import { answer, api } from '../../../api/client';
import type { TrackSource } from '../../../api/types';

export const muteAll = (slug: string, source: TrackSource) =>
  api
    .POST('/api/rooms/{slug}/mute-all', { params: { path: { slug } }, body: { source } })
    .then(answer);
