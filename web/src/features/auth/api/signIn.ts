/** Opens a session on this device. */
import { answer, api } from '../../../api/client';

export const signIn = (body: { email: string; password: string }) =>
  api.POST('/api/auth/sign-in', { body }).then(answer);
