/** Revokes an API key: its tokens are worthless from then on. */
import { answer, api } from '../../../api/client';

export const revokeApiKey = (id: string) =>
  api.DELETE('/api/api-keys/{id}', { params: { path: { id } } }).then(answer);
