/** Changes an account: role, disabled, name. */
import { request } from '../../../api/client';
import type { User } from '../../../api/types';

export const updateUser = (id: string, body: Partial<Pick<User, 'role' | 'disabled' | 'name'>>) =>
  request('PATCH', '/api/users/{id}', { path: { id }, body });
