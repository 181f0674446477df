import { expect, test } from 'vitest';
import type { Webhook } from '../../api/types';
import { arranged } from './arrange';

const webhook = (url: string, created_at: number, rest: Partial<Webhook> = {}) =>
  ({ url, created_at, description: '', events: [], last_attempt_at: null, ...rest }) as Webhook;
const ALL = [
  webhook('https://b.example/x', 1, { description: 'Billing', last_attempt_at: 5 }),
  webhook('https://A.example/y', 2, { events: ['room.created'], last_attempt_at: 9 }),
  webhook('https://c.example/z', 3),
];

test.each([
  ['', 'created', 'desc', ['c', 'A', 'b']],
  ['', 'address', 'asc', ['A', 'b', 'c']],
  ['', 'address', 'desc', ['c', 'b', 'A']],
  ['', 'attempt', 'desc', ['A', 'b', 'c']],
  [' BILL', 'created', 'desc', ['b']],
  ['room.', 'created', 'desc', ['A']],
  ['a.example', 'address', 'asc', ['A']],
  ['nothing', 'address', 'asc', []],
] as const)('“%s” by %s, %s', (query, sort, direction, expected) => {
  const found = arranged(ALL, query, { sort, direction });
  expect(found.map(({ url }) => new URL(url).host[0])).toEqual(
    expected.map((letter) => letter.toLowerCase()),
  );
  expect(found.map(({ url }) => url[8])).toEqual(expected);
});
