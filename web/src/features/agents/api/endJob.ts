/** Ends a job: its agent leaves. */
import { answer, api } from '../../../api/client';

export const endJob = (id: string) =>
  api.POST('/api/agents/jobs/{id}/end', { params: { path: { id } } }).then(answer);
