/** Invites many people at once; their links are only in this answer. */
import { answer, api } from '../../../api/client';
import type { InviteLine } from '../../../api/types';

export const createInvites = (lines: InviteLine[]) =>
  api.POST('/api/invites/bulk', { body: { lines } }).then(answer);
