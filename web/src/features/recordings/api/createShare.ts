/** Makes a link by which outsiders see a recording; only this answer has it. */
import { answer, api } from '../../../api/client';
import type { NewShare } from '../../../api/types';

export const createShare = (id: string, body: NewShare) =>
  api.POST('/api/recordings/{id}/shares', { params: { path: { id } }, body }).then(answer);
