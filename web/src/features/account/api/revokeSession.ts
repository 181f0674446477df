/** Signs one device out. */
import { answer, api } from '../../../api/client';

export const revokeSession = (id: string) =>
  api.DELETE('/api/auth/sessions/{id}', { params: { path: { id } } }).then(answer);
