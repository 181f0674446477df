/** Gives a worker no more jobs. */
import { answer, api } from '../../../api/client';

export const drainWorker = (id: string) =>
  api.POST('/api/agents/workers/{id}/drain', { params: { path: { id } } }).then(answer);
