import { expect, test } from 'vitest';
import { bestGrid, focusedKey, type Placed, tilesPerPage } from './layout';

const tile = (key: string, more: Partial<Placed> = {}): Placed => ({
  key,
  identity: key,
  share: false,
  local: false,
  ...more,
});

test('four people on a desktop make two by two, two on a phone stand one above the other', () => {
  expect(bestGrid(4, 1600, 900, 8)).toMatchObject({ columns: 2, rows: 2 });
  expect(bestGrid(2, 344, 560, 8)).toMatchObject({ columns: 1, rows: 2 });
});

test('a low window keeps its tiles wide: upright ones would cut cameras to half', () => {
  for (const [count, columns] of [
    [2, 2],
    [3, 3],
    [4, 2],
    [5, 3],
  ] as const) {
    const grid = bestGrid(count, 624, 240, 10);
    expect(grid.columns, `${count} people`).toBe(columns);
    expect(grid.tileWidth / grid.tileHeight, `${count} people`).toBeGreaterThan(1.27);
  }
});

test('tiles never leave the box and never get wider than 16:9', () => {
  for (let count = 1; count <= 25; count += 1) {
    const grid = bestGrid(count, 1280, 620, 8);
    expect(grid.columns * grid.rows).toBeGreaterThanOrEqual(count);
    expect(grid.tileWidth * grid.columns + 8 * (grid.columns - 1)).toBeLessThanOrEqual(1280);
    expect(grid.tileHeight * grid.rows + 8 * (grid.rows - 1)).toBeLessThanOrEqual(620);
    expect(grid.tileWidth / grid.tileHeight).toBeLessThan(1.8);
  }
});

test('a phone shows fewer tiles on a page than a desktop', () => {
  expect(tilesPerPage(360, 560)).toBeLessThan(tilesPerPage(1600, 900));
});

test('a pin wins over a share, a share over the speaker, and a pin that left is forgotten', () => {
  const tiles = [
    tile('me', { local: true }),
    tile('ana'),
    tile('bo'),
    tile('bo-share', { share: true }),
  ];
  expect(focusedKey(tiles, 'grid', 'ana', 'bo')).toBe('ana');
  expect(focusedKey(tiles, 'speaker', 'gone', 'ana')).toBe('bo-share');
  const cameras = tiles.slice(0, 3);
  expect(focusedKey(cameras, 'speaker', null, 'bo')).toBe('bo');
  expect(focusedKey(cameras, 'speaker', null, 'me')).toBe('ana');
  expect(focusedKey(cameras, 'grid', null, 'bo')).toBeNull();
});

test('alone in speaker layout one sees oneself', () => {
  expect(focusedKey([tile('me', { local: true })], 'speaker', null, null)).toBe('me');
});
