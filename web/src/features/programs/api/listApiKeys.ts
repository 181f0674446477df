/** The API keys of this site, the newest first. */
import { infiniteQueryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const listApiKeys = infiniteQueryOptions({
  queryKey: ['admin', 'api-keys'],
  queryFn: ({ pageParam, signal }) =>
    api.GET('/api/api-keys', { params: { query: { cursor: pageParam } }, signal }).then(answer),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next_cursor ?? undefined,
});
