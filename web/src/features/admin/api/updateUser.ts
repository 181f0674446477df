/** Changes an account as it was seen: role, disabled, name. */
import { request } from '../../../api/client';
import type { User } from '../../../api/types';

export const updateUser = (
  user: Pick<User, 'id' | 'updated_at'>,
  body: Partial<Pick<User, 'role' | 'disabled' | 'name'>>,
) => request('PATCH', '/api/users/{id}', { path: { id: user.id }, body, seen: user.updated_at });
