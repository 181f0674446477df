/** Has an agent come into every call of a room. */
import { answer, api } from '../../../api/client';
import type { components } from '../../../api/schema';

export const addRoomAgent = (slug: string, body: components['schemas']['AddRoomAgent']) =>
  api.POST('/api/rooms/{slug}/agents', { params: { path: { slug } }, body }).then(answer);
