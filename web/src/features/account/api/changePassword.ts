/** Changes one's own password; other sessions end. */
import { answer, api } from '../../../api/client';

export const changePassword = (body: { current_password: string; new_password: string }) =>
  api.POST('/api/auth/password', { body }).then(answer);
