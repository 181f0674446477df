/** In which order recordings stand in a list. Pure. */
import type { Recording } from '../../api/types';

export const ORDERS = ['newest', 'oldest', 'title', 'longest', 'largest'] as const;
export type Order = (typeof ORDERS)[number];

/** `newest` is the server's own order, and so the only one that is right before all pages are there. */
export function inOrder(recordings: Recording[], order: Order): Recording[] {
  if (order === 'newest') return recordings;
  return [...recordings].sort(COMPARE[order]);
}

const COMPARE: Record<Exclude<Order, 'newest'>, (one: Recording, other: Recording) => number> = {
  oldest: (one, other) => one.requested_at - other.requested_at,
  title: (one, other) => one.title.localeCompare(other.title, undefined, { numeric: true }),
  longest: (one, other) => (other.duration_ms ?? -1) - (one.duration_ms ?? -1),
  largest: (one, other) => (other.size ?? -1) - (one.size ?? -1),
};
