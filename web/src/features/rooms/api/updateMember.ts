/** Changes what an invited person may do. */
import { answer, api } from '../../../api/client';
import type { Member } from '../../../api/types';

export const updateMember = (slug: string, userId: string, role: Member['role']) =>
  api
    .PATCH('/api/rooms/{slug}/members/{user_id}', {
      params: { path: { slug, user_id: userId } },
      body: { role },
    })
    .then(answer);
