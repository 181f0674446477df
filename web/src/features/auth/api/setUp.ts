/** Creates the first administrator with the one-time link. */
import { request } from '../../../api/client';

export const setUp = (body: { token: string; email: string; name: string; password: string }) =>
  request('POST', '/api/auth/setup', { body });
