/** For tests of this feature's views: a recording as the server shows it. */
import type { Recording } from '../../api/types';

export const recording = (update: Partial<Recording> = {}): Recording => ({
  id: 'r-1',
  room: { id: 'room-1', slug: 'weekly', name: 'Weekly', deleted: false },
  title: 'Planning',
  state: 'completed',
  layout: 'grid',
  audio_only: false,
  started_by: { id: 'u', name: 'Ada' },
  requested_at: 1_790_000_000_000,
  started_at: 1_790_000_001_000,
  stopped_at: 1_790_000_091_000,
  ended_at: 1_790_000_092_000,
  duration_ms: 90_000,
  size: 4_200_000,
  media_type: 'video/webm',
  ending: 'stopped',
  fault: null,
  transfer: null,
  keep_until: null,
  has_poster: false,
  has_preview: false,
  remarks: [],
  tracks_until: null,
  rights: { stop: true, change: true, delete: true, download: true, share: true },
  ...update,
});
