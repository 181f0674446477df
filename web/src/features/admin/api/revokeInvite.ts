/** Takes an invitation back. */
import { answer, api } from '../../../api/client';

export const revokeInvite = (id: string) =>
  api.DELETE('/api/invites/{id}', { params: { path: { id } } }).then(answer);
