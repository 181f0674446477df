/** Ingresses and how each is doing. No event tells of them: they are asked for while somebody looks. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

const EVERY = 3_000;

export const listIngresses = queryOptions({
  queryKey: ['admin', 'ingress'],
  queryFn: ({ signal }) => api.GET('/api/ingress', { signal }).then(answer),
  refetchInterval: EVERY,
});
