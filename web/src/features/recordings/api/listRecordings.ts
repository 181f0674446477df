/** The recordings of one's rooms, or of one of them, a page at a time; while one is stored, its progress. */
import { infiniteQueryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';
import type { RecordingState } from '../../../api/types';
import { type Order, sorting } from '../order';
import { progressEvery } from './progressEvery';

export type RecordingFilter = {
  room?: string;
  q: string;
  status: RecordingState | null;
  order: Order;
};

export const listRecordings = ({ room, q, status, order }: RecordingFilter) =>
  infiniteQueryOptions({
    queryKey: ['recordings', 'own', room ?? '', q, status ?? '', order],
    queryFn: ({ signal, pageParam }) =>
      api
        .GET('/api/recordings', {
          params: {
            query: {
              room,
              q: q || undefined,
              status: status ?? undefined,
              ...sorting[order],
              limit: 20,
              cursor: pageParam,
            },
          },
          signal,
        })
        .then(answer),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: ({ state }) => progressEvery(state.data?.pages.flatMap(({ items }) => items)),
  });
