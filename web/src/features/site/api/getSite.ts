/** What a visitor may know about this installation. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const getSite = queryOptions({
  queryKey: ['site'],
  queryFn: ({ signal }) => api.GET('/api/site', { signal }).then(answer),
  staleTime: 60_000,
});
