/** A room's recordings, also for an administrator who has no role in it. */
import { infiniteQueryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';
import { progressEvery } from './progressEvery';

export const listRoomRecordings = (slug: string) =>
  infiniteQueryOptions({
    queryKey: ['recordings', 'room', slug],
    queryFn: ({ signal, pageParam }) =>
      api
        .GET('/api/rooms/{slug}/recordings', {
          params: { path: { slug }, query: { limit: 20, cursor: pageParam } },
          signal,
        })
        .then(answer),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: ({ state }) => progressEvery(state.data?.pages.flatMap(({ items }) => items)),
  });
