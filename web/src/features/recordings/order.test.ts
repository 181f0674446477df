import { expect, test } from 'vitest';
import type { Recording } from '../../api/types';
import { inOrder } from './order';

const recording = (title: string, requested_at: number, duration_ms: number | null, size: number) =>
  ({ title, requested_at, duration_ms, size }) as Recording;
const LISTED = [
  recording('Week 10', 3, null, 20),
  recording('week 9', 2, 9_000, 10),
  recording('All hands', 1, 60_000, 30),
];

test.each([
  ['newest', ['Week 10', 'week 9', 'All hands']],
  ['oldest', ['All hands', 'week 9', 'Week 10']],
  ['title', ['All hands', 'week 9', 'Week 10']],
  ['longest', ['All hands', 'week 9', 'Week 10']],
  ['largest', ['All hands', 'Week 10', 'week 9']],
] as const)('the order %s', (order, titles) => {
  expect(inOrder(LISTED, order).map(({ title }) => title)).toEqual(titles);
});
