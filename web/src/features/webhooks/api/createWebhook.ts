/** Makes a webhook; its secret is only in this answer. */
import { answer, api } from '../../../api/client';
import type { components } from '../../../api/schema';

export const createWebhook = (body: components['schemas']['CreateWebhook']) =>
  api.POST('/api/webhooks', { body }).then(answer);
