/** Workers, jobs and troubles. No event tells of them: they are asked for while somebody looks. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

const EVERY = 3_000;

export const readAgents = queryOptions({
  queryKey: ['admin', 'agents'],
  queryFn: ({ signal }) => api.GET('/api/agents', { signal }).then(answer),
  refetchInterval: EVERY,
});
