/** Ends a link: whoever has it sees nothing any more. */
import { answer, api } from '../../../api/client';

export const revokeShare = (id: string, share: string) =>
  api
    .DELETE('/api/recordings/{id}/shares/{share}', { params: { path: { id, share } } })
    .then(answer);
