/** Changes what an invited person may do. */
import { request } from '../../../api/client';
import type { Member } from '../../../api/types';

export const updateMember = (slug: string, userId: string, role: Member['role']) =>
  request('PATCH', '/api/rooms/{slug}/members/{user_id}', {
    path: { slug, user_id: userId },
    body: { role },
  });
