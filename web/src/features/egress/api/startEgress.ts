/** Has a room, a participant, tracks or a page sent out. */
import { answer, api } from '../../../api/client';
import type { components } from '../../../api/schema';

export const startEgress = (body: components['schemas']['StartEgress']) =>
  api.POST('/api/egress', { body }).then(answer);
