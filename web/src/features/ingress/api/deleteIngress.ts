/** Deletes an ingress: who publishes by it leaves. */
import { answer, api } from '../../../api/client';

export const deleteIngress = (id: string) =>
  api.DELETE('/api/ingress/{id}', { params: { path: { id } } }).then(answer);
