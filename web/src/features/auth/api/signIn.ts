/** Opens a session on this device. */
import { request } from '../../../api/client';
import type { SignedIn } from '../../../api/types';

export const signIn = (body: { email: string; password: string }) =>
  request<SignedIn>('POST', '/api/auth/sign-in', { body });
