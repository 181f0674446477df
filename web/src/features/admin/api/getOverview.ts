/** The state of this installation in figures. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const getOverview = queryOptions({
  queryKey: ['admin', 'overview'],
  queryFn: ({ signal }) => api.GET('/api/admin/overview', { signal }).then(answer),
  refetchInterval: 5_000,
});
