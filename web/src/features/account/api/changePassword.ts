/** Changes one's own password; other sessions end. */
import { request } from '../../../api/client';

export const changePassword = (body: { current_password: string; new_password: string }) =>
  request('POST', '/api/auth/password', { body });
