/** Signs one device out. */
import { request } from '../../../api/client';

export const revokeSession = (id: string) =>
  request('DELETE', '/api/auth/sessions/{id}', { path: { id } });
