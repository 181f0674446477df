/** Makes a link with which somebody chooses a new password; it is only in this answer. */
import { request } from '../../../api/client';

export const createResetLink = (id: string) =>
  request('POST', '/api/users/{id}/reset-link', { path: { id } });
