import { expect, test } from 'vitest';
import { dayOf, endOf } from './day';

test('a day that is read from a moment leads to the end of the same day', () => {
  const at = new Date(2026, 1, 3, 4, 5).getTime();
  expect(dayOf(at)).toBe('2026-02-03');
  expect(endOf('2026-02-03')).toBe(new Date(2026, 1, 3, 23, 59, 59).getTime());
  expect(dayOf(endOf('2026-02-03') ?? 0)).toBe('2026-02-03');
});

test('an empty field is no day', () => {
  expect(endOf('')).toBeNull();
});
