/** Deletes an account. */
import { request } from '../../../api/client';

export const deleteUser = (id: string) => request('DELETE', '/api/users/{id}', { path: { id } });
