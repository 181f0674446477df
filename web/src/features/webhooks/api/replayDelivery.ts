/** Sends one delivery again, with the same id. */
import { answer, api } from '../../../api/client';

export const replayDelivery = (id: string, deliveryId: string) =>
  api
    .POST('/api/webhooks/{id}/deliveries/{delivery_id}/replay', {
      params: { path: { id, delivery_id: deliveryId } },
    })
    .then(answer);
