/** Creates the first administrator with the one-time link. */
import { request } from '../../../api/client';
import type { SignedIn } from '../../../api/types';

export const setUp = (body: { token: string; email: string; name: string; password: string }) =>
  request<SignedIn>('POST', '/api/auth/setup', { body });
