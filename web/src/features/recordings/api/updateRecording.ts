/** Changes a recording's title, and how long it is kept. */
import { answer, api } from '../../../api/client';
import type { RecordingChange } from '../../../api/types';

export const updateRecording = (id: string, body: RecordingChange) =>
  api.PATCH('/api/recordings/{id}', { params: { path: { id } }, body }).then(answer);
