/** Creates one's own account, with an invite where the site asks for one. */
import { request } from '../../../api/client';
import type { SignedIn } from '../../../api/types';

export const register = (body: {
  email: string;
  name: string;
  password: string;
  invite?: string;
}) => request<SignedIn>('POST', '/api/auth/register', { body });
