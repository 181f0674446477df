/** Deletes an account. */
import { request } from '../../../api/client';

export const deleteUser = (id: string) =>
  request<void>('DELETE', '/api/users/{id}', { path: { id } });
