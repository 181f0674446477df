/** Creates one's own account, with an invite where the site asks for one. */
import { request } from '../../../api/client';

export const register = (body: {
  email: string;
  name: string;
  password: string;
  invite?: string;
}) => request('POST', '/api/auth/register', { body });
