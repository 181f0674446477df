/** One's own rooms and those one is invited to, a page at a time. */
import { infiniteQueryOptions } from '@tanstack/react-query';
import { request } from '../../../api/client';

export const listRooms = (query: string) =>
  infiniteQueryOptions({
    queryKey: ['rooms', query],
    queryFn: ({ signal, pageParam }) =>
      request('GET', '/api/rooms', {
        query: { query, limit: 20, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
