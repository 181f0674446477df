/** What moderators did in a room. */
import { infiniteQueryOptions } from '@tanstack/react-query';
import { request } from '../../../api/client';

export const listRoomAudit = (slug: string) =>
  infiniteQueryOptions({
    queryKey: ['room', slug, 'audit'],
    queryFn: ({ signal, pageParam }) =>
      request('GET', '/api/rooms/{slug}/audit', {
        path: { slug },
        query: { limit: 30, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
