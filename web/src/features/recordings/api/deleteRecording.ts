/** Deletes a recording for ever. */
import { answer, api } from '../../../api/client';

export const deleteRecording = (id: string) =>
  api.DELETE('/api/recordings/{id}', { params: { path: { id } } }).then(answer);
