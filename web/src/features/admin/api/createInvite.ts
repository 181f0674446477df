/** Makes an invitation; its code is only in this answer. */
import { request } from '../../../api/client';

export const createInvite = (body: { note?: string; email?: string }) =>
  request('POST', '/api/invites', { body });
