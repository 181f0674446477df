/** Changes the layout or the addresses of what is sent out. */
import { answer, api } from '../../../api/client';
import type { components } from '../../../api/schema';

export const updateEgress = (id: string, body: components['schemas']['UpdateEgress']) =>
  api.PATCH('/api/egress/{id}', { params: { path: { id } }, body }).then(answer);
