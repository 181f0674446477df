/** Chooses a new password with a link from an administrator; opens a session on this device. */
import { request } from '../../../api/client';

export const resetPassword = (body: { token: string; password: string }) =>
  request('POST', '/api/auth/reset-password', { body });
