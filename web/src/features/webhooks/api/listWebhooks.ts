/** The webhooks of this site, the newest first. */
import { infiniteQueryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const listWebhooks = infiniteQueryOptions({
  queryKey: ['admin', 'webhooks'],
  queryFn: ({ pageParam, signal }) =>
    api.GET('/api/webhooks', { params: { query: { cursor: pageParam } }, signal }).then(answer),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next_cursor ?? undefined,
  // No event tells what a receiver said.
  refetchInterval: 5_000,
});
