/** Opens a session on this device. */
import { request } from '../../../api/client';

export const signIn = (body: { email: string; password: string }) =>
  request('POST', '/api/auth/sign-in', { body });
