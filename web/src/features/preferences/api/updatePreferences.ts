/** Changes some of the signed-in user's preferences. */
import { answer, api } from '../../../api/client';
import type { components } from '../../../api/schema';

export type Change = components['schemas']['UpdatePreferences'];

export const updatePreferences = (body: Change) =>
  api.PATCH('/api/preferences', { body }).then(answer);
