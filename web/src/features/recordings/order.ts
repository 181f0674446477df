/** In which order a list stands, in the words of the server. */
import type { paths } from '../../api/schema';

type Query = NonNullable<paths['/api/recordings']['get']['parameters']['query']>;
type Sorting = Pick<Query, 'sort' | 'direction'>;

export const ORDERS = ['newest', 'oldest', 'title', 'longest', 'largest', 'room'] as const;
export type Order = (typeof ORDERS)[number];

export const sorting: Record<Order, Sorting> = {
  newest: {},
  oldest: { direction: 'asc' },
  title: { sort: 'title' },
  longest: { sort: 'duration' },
  largest: { sort: 'size' },
  room: { sort: 'room' },
};
