/** One delivery with its body and what the receiver said to each attempt. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const readDelivery = (id: string, deliveryId: string) =>
  queryOptions({
    queryKey: ['admin', 'webhooks', id, 'delivery', deliveryId],
    queryFn: ({ signal }) =>
      api
        .GET('/api/webhooks/{id}/deliveries/{delivery_id}', {
          params: { path: { id, delivery_id: deliveryId } },
          signal,
        })
        .then(answer),
    refetchInterval: 3_000,
  });
