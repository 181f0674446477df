/** Makes an account for somebody, with a password or with a link that is only in this answer. */
import { answer, api } from '../../../api/client';
import type { NewUser } from '../../../api/types';

export const createUser = (body: NewUser) => api.POST('/api/users', { body }).then(answer);
