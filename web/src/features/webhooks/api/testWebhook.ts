/** Sends a webhook a test now; answers what its receiver said. */
import { answer, api } from '../../../api/client';

export const testWebhook = (id: string) =>
  api.POST('/api/webhooks/{id}/test', { params: { path: { id } } }).then(answer);
