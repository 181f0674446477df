import { expect, test } from 'vitest';
import { filled, RANGE_IDS, RANGES, rangeOf, startOf } from './range';

test('every range has enough points to draw and few enough to answer', () => {
  for (const id of RANGE_IDS) {
    const points = RANGES[id].minutes / RANGES[id].step;
    expect(points).toBeGreaterThanOrEqual(60);
    expect(points).toBeLessThanOrEqual(180);
  }
});

test('an address that names no range means the last day', () => {
  expect([rangeOf('7d'), rangeOf('2y'), rangeOf(null)]).toEqual(['7d', '24h', '24h']);
});

test('a time without a server is a time in which nothing went on', () => {
  const at = startOf(1_700_000_123_456, 10);
  const points = filled(
    [{ at: at + 600_000, people: 3 }],
    { from: at, to: at + 1_800_000, step: 10 },
    { people: 0 },
  );
  expect(points.map(({ people }) => people)).toEqual([0, 3, 0]);
  expect(points.map((point) => point.at - at)).toEqual([0, 600_000, 1_200_000]);
});
