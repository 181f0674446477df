/** Gives the password that a link asks for; the answer opens it. */
import { answer, api } from '../../../api/client';

export const unlockShare = (token: string, password: string) =>
  api
    .POST('/api/shares/{token}/unlock', { params: { path: { token } }, body: { password } })
    .then(answer);
