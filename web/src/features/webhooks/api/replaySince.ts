/** Sends again what happened since a moment. */
import { answer, api } from '../../../api/client';

export const replaySince = (id: string, since: number) =>
  api.POST('/api/webhooks/{id}/replay', { params: { path: { id } }, body: { since } }).then(answer);
