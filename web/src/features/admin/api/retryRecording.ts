/** Tries at once to move a film that waits. */
import { answer, api } from '../../../api/client';

export const retryRecording = (id: string) =>
  api.POST('/api/admin/recordings/{id}/retry', { params: { path: { id } } }).then(answer);
