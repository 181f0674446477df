/** The state of this installation in figures. */
import { queryOptions } from '@tanstack/react-query';
import { request } from '../../../api/client';

export const getOverview = queryOptions({
  queryKey: ['admin', 'overview'],
  queryFn: ({ signal }) => request('GET', '/api/admin/overview', { signal }),
  refetchInterval: 10_000,
});
