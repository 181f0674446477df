import { expect, test } from 'vitest';
import { dayOf, endOf, momentOf, nextHour, startOf, timeZone } from './days';

test('a day that is read from a moment leads to the end of the same day', () => {
  const at = new Date(2026, 1, 3, 4, 5).getTime();
  expect(dayOf(at)).toBe('2026-02-03');
  expect(endOf('2026-02-03')).toBe(new Date(2026, 1, 3, 23, 59, 59).getTime());
  expect(dayOf(endOf('2026-02-03') ?? 0)).toBe('2026-02-03');
});

test('an empty field is no day', () => {
  expect(endOf('')).toBeNull();
});

test('days are those of the time zone that was chosen', () => {
  timeZone.choose('Asia/Kathmandu');
  const midnight = Date.UTC(2026, 10, 28, 18, 15);
  expect(startOf('2026-11-29')).toBe(midnight);
  expect(endOf('2026-11-29')).toBe(midnight + 86_399_000);
  expect(dayOf(midnight)).toBe('2026-11-29');
  expect(dayOf(midnight - 1)).toBe('2026-11-28');
  // The clocks go forward on this day.
  timeZone.choose('Europe/Berlin');
  expect((endOf('2026-03-29') ?? 0) - (startOf('2026-03-29') ?? 0)).toBe(23 * 3_600_000 - 1_000);
  timeZone.choose('Nowhere/Atlantis');
  expect(timeZone.now()).toBeUndefined();
  timeZone.choose(undefined);
});

test('the next hour is a full one of the time zone that was chosen', () => {
  timeZone.choose('Asia/Kathmandu');
  const evening = Date.UTC(2026, 10, 28, 18, 20);
  expect(nextHour(evening)).toBe('2026-11-29T01:00');
  expect(momentOf('2026-11-29T01:00')).toBe(Date.UTC(2026, 10, 28, 19, 15));
  expect(momentOf('')).toBeNull();
  timeZone.choose(undefined);
});
