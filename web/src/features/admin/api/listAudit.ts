/** Everything that was done on this site. */
import { infiniteQueryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const listAudit = infiniteQueryOptions({
  queryKey: ['admin', 'audit'],
  queryFn: ({ signal, pageParam }) =>
    api
      .GET('/api/admin/audit', { params: { query: { limit: 50, cursor: pageParam } }, signal })
      .then(answer),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next_cursor,
});
