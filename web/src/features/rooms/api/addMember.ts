/** Invites a user of this site to a room. */
import { answer, api } from '../../../api/client';
import type { Member } from '../../../api/types';

export const addMember = (slug: string, body: { email: string; role: Member['role'] }) =>
  api.POST('/api/rooms/{slug}/members', { params: { path: { slug } }, body }).then(answer);
