/** What a visitor may know about this installation. */
import { queryOptions } from '@tanstack/react-query';
import { request } from '../../../api/client';

export const getSite = queryOptions({
  queryKey: ['site'],
  queryFn: ({ signal }) => request('GET', '/api/site', { signal }),
  staleTime: 60_000,
});
