/** Creates the first administrator with the one-time link. */
import { answer, api } from '../../../api/client';

export const setUp = (body: { token: string; email: string; name: string; password: string }) =>
  api.POST('/api/auth/setup', { body }).then(answer);
