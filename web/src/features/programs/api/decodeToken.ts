/** What a pasted token says, and whether it is good here. */
import { answer, api } from '../../../api/client';

export const decodeToken = (token: string) =>
  api.POST('/api/tokens/decode', { body: { token } }).then(answer);
