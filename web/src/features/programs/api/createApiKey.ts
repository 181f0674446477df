/** Makes an API key; its secret is only in this answer. */
import { answer, api } from '../../../api/client';
import type { components } from '../../../api/schema';

export const createApiKey = (body: components['schemas']['CreateApiKey']) =>
  api.POST('/api/api-keys', { body }).then(answer);
