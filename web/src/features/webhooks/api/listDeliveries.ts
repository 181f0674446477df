/** What was sent to a webhook, or is to be, the newest first. */
import { infiniteQueryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';
import type { DeliveryState } from '../../../api/types';

export const listDeliveries = (id: string, state?: DeliveryState) =>
  infiniteQueryOptions({
    queryKey: ['admin', 'webhooks', id, 'deliveries', state],
    queryFn: ({ pageParam, signal }) =>
      api
        .GET('/api/webhooks/{id}/deliveries', {
          params: { path: { id }, query: { state, limit: 30, cursor: pageParam } },
          signal,
        })
        .then(answer),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: 3_000,
  });
