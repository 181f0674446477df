/** Takes an invitation back. */
import { request } from '../../../api/client';

export const removeMember = (slug: string, userId: string) =>
  request('DELETE', '/api/rooms/{slug}/members/{user_id}', {
    path: { slug, user_id: userId },
  });
