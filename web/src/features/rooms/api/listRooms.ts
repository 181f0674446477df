/** One's own rooms and those one is invited to, a page at a time. */
import { infiniteQueryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const listRooms = (query: string) =>
  infiniteQueryOptions({
    queryKey: ['rooms', query],
    queryFn: ({ signal, pageParam }) =>
      api
        .GET('/api/rooms', {
          params: { query: { query: query || undefined, limit: 20, cursor: pageParam } },
          signal,
        })
        .then(answer),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor,
  });
