/** What moderators did in a room. */
import { infiniteQueryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const listRoomAudit = (slug: string) =>
  infiniteQueryOptions({
    queryKey: ['room', slug, 'audit'],
    queryFn: ({ signal, pageParam }) =>
      api
        .GET('/api/rooms/{slug}/audit', {
          params: { path: { slug }, query: { limit: 30, cursor: pageParam } },
          signal,
        })
        .then(answer),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor,
  });
