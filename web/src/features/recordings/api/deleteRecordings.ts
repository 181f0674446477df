/** Deletes recordings for ever; the answer says which of them stay, and why. */
import { answer, api } from '../../../api/client';

export const deleteRecordings = (ids: string[]) =>
  api.POST('/api/recordings/delete', { body: { ids } }).then(answer);
