/** Signs somebody out everywhere. */
import { answer, api } from '../../../api/client';

export const revokeUserSessions = (id: string) =>
  api.DELETE('/api/users/{id}/sessions', { params: { path: { id } } }).then(answer);
