/** The people invited to a room. */
import { infiniteQueryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const listMembers = (slug: string) =>
  infiniteQueryOptions({
    queryKey: ['room', slug, 'members'],
    queryFn: ({ signal, pageParam }) =>
      api
        .GET('/api/rooms/{slug}/members', {
          params: { path: { slug }, query: { limit: 100, cursor: pageParam } },
          signal,
        })
        .then(answer),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
