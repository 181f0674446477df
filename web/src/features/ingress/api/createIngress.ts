/** Makes an ingress with a stream key of its own. */
import { answer, api } from '../../../api/client';
import type { components } from '../../../api/schema';

export const createIngress = (body: components['schemas']['CreateIngress']) =>
  api.POST('/api/ingress', { body }).then(answer);
