/** Every room of the site. */
import { infiniteQueryOptions } from '@tanstack/react-query';
import { request } from '../../../api/client';

export const listAllRooms = (query: string) =>
  infiniteQueryOptions({
    queryKey: ['admin', 'rooms', query],
    queryFn: ({ signal, pageParam }) =>
      request('GET', '/api/admin/rooms', {
        query: { query, limit: 30, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    // Who is inside comes and goes; events tell of one's own rooms only.
    refetchInterval: 10_000,
  });
