/** Changes one's own display name. */
import { answer, api } from '../../../api/client';

export const updateMe = (body: { name: string }) =>
  api.PATCH('/api/auth/me', { body }).then(answer);
