/** Which agents come into every call of which rooms, page by page. */
import { infiniteQueryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const listRoomAgents = infiniteQueryOptions({
  queryKey: ['admin', 'agents', 'rooms'],
  queryFn: ({ pageParam, signal }) =>
    api.GET('/api/agents/rooms', { params: { query: { cursor: pageParam } }, signal }).then(answer),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next_cursor ?? undefined,
});
