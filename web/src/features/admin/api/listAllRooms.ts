/** Every room of the site. */
import { infiniteQueryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const listAllRooms = (query: string) =>
  infiniteQueryOptions({
    queryKey: ['admin', 'rooms', query],
    queryFn: ({ signal, pageParam }) =>
      api
        .GET('/api/admin/rooms', {
          params: { query: { query: query || undefined, limit: 30, cursor: pageParam } },
          signal,
        })
        .then(answer),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor,
    // Who is inside comes and goes; events tell of one's own rooms only.
    refetchInterval: 10_000,
  });
