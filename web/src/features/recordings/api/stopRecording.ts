/** Stops a recording. */
import { answer, api } from '../../../api/client';

export const stopRecording = (id: string) =>
  api.POST('/api/recordings/{id}/stop', { params: { path: { id } } }).then(answer);
