/** Invites a user of this site to a room. */
import { request } from '../../../api/client';
import type { Member } from '../../../api/types';

export const addMember = (slug: string, body: { email: string; role: Member['role'] }) =>
  request('POST', '/api/rooms/{slug}/members', { path: { slug }, body });
