/** The state of this installation in figures. */
import { queryOptions } from '@tanstack/react-query';
import { request } from '../../../api/client';
import type { Overview } from '../../../api/types';

export const getOverview = queryOptions({
  queryKey: ['admin', 'overview'],
  queryFn: ({ signal }) => request<Overview>('GET', '/api/admin/overview', { signal }),
  refetchInterval: 10_000,
});
