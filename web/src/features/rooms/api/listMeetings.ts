/** Past and present meetings of a room: who, when, how long. */
import { infiniteQueryOptions } from '@tanstack/react-query';
import { request } from '../../../api/client';

export const listMeetings = (slug: string) =>
  infiniteQueryOptions({
    queryKey: ['room', slug, 'meetings'],
    queryFn: ({ signal, pageParam }) =>
      request('GET', '/api/rooms/{slug}/meetings', {
        path: { slug },
        query: { limit: 20, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
