/** Signs one device out. */
import { request } from '../../../api/client';

export const revokeSession = (id: string) =>
  request<void>('DELETE', '/api/auth/sessions/{id}', { path: { id } });
