/** Ranges of time that charts show, and the points that fill them. */
const HOUR = 60;
const DAY = 24 * HOUR;

export type RangeId = '1h' | '24h' | '7d' | '30d';

/** Minutes of a range and of one of its points: from 60 to 180 points. */
export const RANGES: Record<RangeId, { minutes: number; step: number }> = {
  '1h': { minutes: HOUR, step: 1 },
  '24h': { minutes: DAY, step: 10 },
  '7d': { minutes: 7 * DAY, step: HOUR },
  '30d': { minutes: 30 * DAY, step: 4 * HOUR },
};

export const RANGE_IDS = Object.keys(RANGES) as RangeId[];

/** Of an address; what is no range is the last day. */
export const rangeOf = (text: string | null): RangeId =>
  RANGE_IDS.find((id) => id === text) ?? '24h';

/** The beginning of the point in which `at` lies. */
export const startOf = (at: number, step: number): number =>
  Math.floor(at / (step * 60_000)) * step * 60_000;

/** A point for every step of the range: nothing went on where no server ran. */
export function filled<Point extends { at: number }>(
  points: Point[],
  range: { from: number; to: number; step: number },
  empty: Omit<Point, 'at'>,
): Point[] {
  const known = new Map(points.map((point) => [point.at, point]));
  const width = range.step * 60_000;
  const all: Point[] = [];
  for (let at = startOf(range.from, range.step); at < range.to; at += width) {
    all.push(known.get(at) ?? ({ ...empty, at } as Point));
  }
  return all;
}
