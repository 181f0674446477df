/** Past and present meetings of a room: who, when, how long. */
import { infiniteQueryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const listMeetings = (slug: string) =>
  infiniteQueryOptions({
    queryKey: ['room', slug, 'meetings'],
    queryFn: ({ signal, pageParam }) =>
      api
        .GET('/api/rooms/{slug}/meetings', {
          params: { path: { slug }, query: { limit: 20, cursor: pageParam } },
          signal,
        })
        .then(answer),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor,
  });
