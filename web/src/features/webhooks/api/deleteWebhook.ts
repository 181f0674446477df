/** Deletes a webhook with its log. */
import { answer, api } from '../../../api/client';

export const deleteWebhook = (id: string) =>
  api.DELETE('/api/webhooks/{id}', { params: { path: { id } } }).then(answer);
