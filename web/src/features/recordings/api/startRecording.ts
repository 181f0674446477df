/** Starts to record a room's call. */
import { answer, api } from '../../../api/client';
import type { StartRecording } from '../../../api/types';

export const startRecording = (slug: string, body: StartRecording) =>
  api.POST('/api/rooms/{slug}/recordings', { params: { path: { slug } }, body }).then(answer);
