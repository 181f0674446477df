/** Chooses a new password with a link from an administrator; opens a session on this device. */
import { answer, api } from '../../../api/client';

export const resetPassword = (body: { token: string; password: string }) =>
  api.POST('/api/auth/reset-password', { body }).then(answer);
