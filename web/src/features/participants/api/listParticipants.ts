/** Who is in the room, as the server knows them (with their roles). */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const listParticipants = (slug: string) =>
  queryOptions({
    queryKey: ['room', slug, 'participants'],
    queryFn: ({ signal }) =>
      api
        .GET('/api/rooms/{slug}/participants', { params: { path: { slug } }, signal })
        .then(answer),
  });

/** The same, looked at again while somebody moderates: no event tells of all that changes in a call. */
export const followParticipants = (slug: string) => ({
  ...listParticipants(slug),
  refetchInterval: 15_000,
});
