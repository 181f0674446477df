/** Makes an invitation; its code is only in this answer. */
import { request } from '../../../api/client';
import type { Invite } from '../../../api/types';

export const createInvite = (body: { note?: string; email?: string }) =>
  request<Invite>('POST', '/api/invites', { body });
