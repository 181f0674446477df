/** Changes one's own display name. */
import { request } from '../../../api/client';

export const updateMe = (body: { name: string }) => request('PATCH', '/api/auth/me', { body });
