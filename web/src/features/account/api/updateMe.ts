/** Changes one's own display name. */
import { request } from '../../../api/client';
import type { User } from '../../../api/types';

export const updateMe = (body: { name: string }) =>
  request<User>('PATCH', '/api/auth/me', { body });
