/** Who may not come back to a room. */
import { infiniteQueryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const listBans = (slug: string) =>
  infiniteQueryOptions({
    queryKey: ['room', slug, 'bans'],
    queryFn: ({ signal, pageParam }) =>
      api
        .GET('/api/rooms/{slug}/bans', {
          params: { path: { slug }, query: { limit: 100, cursor: pageParam } },
          signal,
        })
        .then(answer),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
