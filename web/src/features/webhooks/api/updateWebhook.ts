/** Changes, pauses or resumes a webhook. */
import { answer, api, seenAt } from '../../../api/client';
import type { components } from '../../../api/schema';

export const updateWebhook = (
  id: string,
  body: components['schemas']['UpdateWebhook'],
  updatedAt?: number,
) =>
  api
    .PATCH('/api/webhooks/{id}', { params: { path: { id }, header: seenAt(updatedAt) }, body })
    .then(answer);
