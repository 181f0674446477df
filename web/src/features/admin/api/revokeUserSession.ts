/** Signs somebody out on one device. */
import { answer, api } from '../../../api/client';

export const revokeUserSession = (id: string, session_id: string) =>
  api
    .DELETE('/api/users/{id}/sessions/{session_id}', { params: { path: { id, session_id } } })
    .then(answer);
