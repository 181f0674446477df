/** How the server does now. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const getMetrics = queryOptions({
  queryKey: ['admin', 'metrics'],
  queryFn: ({ signal }) => api.GET('/api/metrics', { signal }).then(answer),
  refetchInterval: 10_000,
});
