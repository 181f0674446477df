/** The webhooks of this site, all of them: there are fifty at most. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const listWebhooks = queryOptions({
  queryKey: ['admin', 'webhooks'],
  queryFn: ({ signal }) =>
    api.GET('/api/webhooks', { params: { query: { limit: 100 } }, signal }).then(answer),
  // No event tells what a receiver said.
  refetchInterval: 5_000,
});
