/** What waits in the background. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

const EVERY = 3_000;

export const listJobs = queryOptions({
  queryKey: ['admin', 'jobs'],
  queryFn: ({ signal }) => api.GET('/api/admin/jobs', { signal }).then(answer),
  refetchInterval: EVERY,
});
