/** Makes an invitation; its code is only in this answer. */
import { answer, api } from '../../../api/client';

export const createInvite = (body: { note?: string; email?: string }) =>
  api.POST('/api/invites', { body }).then(answer);
