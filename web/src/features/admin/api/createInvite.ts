/** Makes an invitation; its code is only in this answer. */
import { answer, api } from '../../../api/client';
import type { NewInvite } from '../../../api/types';

export const createInvite = (body: NewInvite) => api.POST('/api/invites', { body }).then(answer);
