/** Stops what is sent out; a recording is stopped as its button does. */
import { answer, api } from '../../../api/client';

export const stopEgress = (id: string) =>
  api.POST('/api/egress/{id}/stop', { params: { path: { id } } }).then(answer);
