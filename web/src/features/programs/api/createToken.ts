/** Makes a token of an API key. */
import { answer, api } from '../../../api/client';
import type { components } from '../../../api/schema';

export const createToken = (body: components['schemas']['CreateToken']) =>
  api.POST('/api/tokens', { body }).then(answer);
