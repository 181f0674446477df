/** Changes settings of the site; `null` gives one back to the configuration. */
import { answer, api } from '../../../api/client';
import type { components } from '../../../api/schema';

export const updateSettings = (body: components['schemas']['UpdateSettings']) =>
  api.PATCH('/api/admin/settings', { body }).then(answer);
