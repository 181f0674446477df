/** Creates one's own account, with an invite where the site asks for one. */
import { answer, api } from '../../../api/client';

export const register = (body: {
  email: string;
  name: string;
  password: string;
  invite?: string;
}) => api.POST('/api/auth/register', { body }).then(answer);
