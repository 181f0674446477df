/** Makes a link with which somebody chooses a new password; it is only in this answer. */
import { answer, api } from '../../../api/client';

export const createResetLink = (id: string) =>
  api.POST('/api/users/{id}/reset-link', { params: { path: { id } } }).then(answer);
