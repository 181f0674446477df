/** What goes out of rooms, and how each is doing. No event tells of all of it: it is asked for while somebody looks. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

const EVERY = 3_000;

export const listEgress = queryOptions({
  queryKey: ['admin', 'egress'],
  queryFn: ({ signal }) => api.GET('/api/egress', { signal }).then(answer),
  refetchInterval: EVERY,
});
