/** Changes an ingress; who publishes by it goes on. */
import { answer, api } from '../../../api/client';
import type { components } from '../../../api/schema';

export const updateIngress = (id: string, body: components['schemas']['UpdateIngress']) =>
  api.PATCH('/api/ingress/{id}', { params: { path: { id } }, body }).then(answer);
