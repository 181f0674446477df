/** Asks for an agent in a room. */
import { answer, api } from '../../../api/client';
import type { components } from '../../../api/schema';

export const dispatchAgent = (body: components['schemas']['DispatchAgent']) =>
  api.POST('/api/agents/dispatches', { body }).then(answer);
