/** Which webhooks are shown in which order. There are fifty at most, so the page has them all. */
import type { Webhook } from '../../api/types';
import type { Order } from '../../primitives/useList';

/** Where a webhook stands; equal ones stand as they were made. */
function place(of: Webhook, sort: string): string | number {
  if (sort === 'address') return of.url.toLowerCase();
  if (sort === 'attempt') return of.last_attempt_at ?? 0;
  return of.created_at;
}

export function arranged(webhooks: readonly Webhook[], query: string, order: Order): Webhook[] {
  const wanted = query.trim().toLowerCase();
  const turned = order.direction === 'desc' ? -1 : 1;
  return webhooks
    .filter(({ url, description, events }) =>
      [url, description, ...events].some((text) => text.toLowerCase().includes(wanted)),
    )
    .sort((one, other) => {
      const [a, b] = [place(one, order.sort), place(other, order.sort)];
      const rising = a < b ? -1 : a > b ? 1 : one.created_at - other.created_at;
      return rising * turned;
    });
}
