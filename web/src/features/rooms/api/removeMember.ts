/** Takes an invitation back. */
import { answer, api } from '../../../api/client';

export const removeMember = (slug: string, userId: string) =>
  api
    .DELETE('/api/rooms/{slug}/members/{user_id}', { params: { path: { slug, user_id: userId } } })
    .then(answer);
