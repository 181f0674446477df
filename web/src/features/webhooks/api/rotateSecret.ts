/** Gives a webhook a new secret, which is only in this answer. */
import { answer, api } from '../../../api/client';

export const rotateSecret = (id: string) =>
  api.POST('/api/webhooks/{id}/rotate-secret', { params: { path: { id } } }).then(answer);
