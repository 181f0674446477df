/** Takes an invitation back. */
import { request } from '../../../api/client';

export const revokeInvite = (id: string) =>
  request('DELETE', '/api/invites/{id}', { path: { id } });
