/** The account with an e-mail; a field that names nobody is refused as the server would refuse it. */
import { answer, api } from '../../../api/client';
import { Problem } from '../../../api/problem';
import type { User } from '../../../api/types';

export async function findUser(field: string, email: string): Promise<User> {
  const wanted = email.trim().toLowerCase();
  const { items } = await api
    .GET('/api/users', { params: { query: { query: wanted, limit: 100 } } })
    .then(answer);
  const found = items.find((user) => user.email.toLowerCase() === wanted);
  if (found) return found;
  throw new Problem(422, 'validation_failed', '', [{ field, code: 'unknown_user', detail: '' }]);
}
