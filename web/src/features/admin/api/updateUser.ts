/** Changes an account as it was seen: role, disabled, name. */
import { answer, api, seenAt } from '../../../api/client';
import type { User } from '../../../api/types';

export const updateUser = (
  user: Pick<User, 'id' | 'updated_at'>,
  body: Partial<Pick<User, 'role' | 'disabled' | 'name'>>,
) =>
  api
    .PATCH('/api/users/{id}', {
      params: { path: { id: user.id }, header: seenAt(user.updated_at) },
      body,
    })
    .then(answer);
