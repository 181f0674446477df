import { expect, test } from 'vitest';
import {
  arranged,
  bestGrid,
  broughtForward,
  nextLayout,
  type Placed,
  placesKept,
  tilesPerPage,
  withOneself,
} from './layout';

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

const ME = tile('me', { local: true });
const MY_SCREEN = tile('me-screen', { identity: 'me', local: true, share: true });

test('a pin wins over a screen, a screen over the speaker, and a pin that left is forgotten', () => {
  const tiles = [ME, tile('ana'), tile('bo'), tile('bo-screen', { share: true })];
  const large = (key: string, screen = false) => ({ kind: 'large', key, screen });
  expect(arranged(tiles, 'auto', 'ana', 'bo')).toEqual(large('ana'));
  expect(arranged(tiles, 'speaker', 'gone', 'ana')).toEqual(large('bo-screen', true));
  const cameras = tiles.slice(0, 3);
  expect(arranged(cameras, 'speaker', null, 'bo')).toEqual(large('bo'));
  expect(arranged(cameras, 'speaker', null, 'me')).toEqual(large('ana'));
  expect(arranged(cameras, 'auto', null, 'bo')).toEqual({ kind: 'grid' });
});

test('one person alone is alone in every layout, two are two unless they wish otherwise', () => {
  for (const layout of ['auto', 'grid', 'speaker'] as const) {
    expect(arranged([ME], layout, null, null)).toEqual({ kind: 'alone' });
  }
  const two = [ME, tile('ana')];
  expect(arranged(two, 'auto', null, null)).toEqual({ kind: 'two', key: 'ana' });
  expect(arranged(two, 'grid', null, null)).toEqual({ kind: 'grid' });
  expect(arranged(two, 'speaker', null, null)).toMatchObject({ kind: 'large', key: 'ana' });
});

test('nobody sees the own screen: not alone, not pinned, not beside that of another', () => {
  expect(arranged([ME, MY_SCREEN], 'auto', null, null)).toEqual({ kind: 'alone' });
  expect(arranged([ME, MY_SCREEN, tile('ana')], 'auto', 'me-screen', null)).toEqual({
    kind: 'two',
    key: 'ana',
  });
  const both = [ME, MY_SCREEN, tile('bo-screen', { share: true }), tile('bo')];
  expect(arranged(both, 'auto', null, null)).toMatchObject({ key: 'bo-screen', screen: true });
});

test('the key for layouts leads through those that look different', () => {
  expect(nextLayout('auto', false)).toBe('speaker');
  expect(nextLayout('grid', false)).toBe('speaker');
  expect(nextLayout('speaker', false)).toBe('auto');
  expect(nextLayout('auto', true)).toBe('grid');
  expect(nextLayout('grid', true)).toBe('speaker');
});

test('a place that gets free is taken by who is last, or by a newcomer; nobody else moves', () => {
  expect(placesKept([], ['a', 'b', 'c'])).toEqual(['a', 'b', 'c']);
  expect(placesKept(['a', 'b', 'c'], ['a', 'b', 'c', 'd'])).toEqual(['a', 'b', 'c', 'd']);
  expect(placesKept(['a', 'b', 'c', 'd', 'e'], ['a', 'c', 'd', 'e'])).toEqual(['a', 'e', 'c', 'd']);
  expect(placesKept(['a', 'b', 'c'], ['a', 'c', 'n'])).toEqual(['a', 'n', 'c']);
  expect(placesKept(['a', 'b', 'c', 'd'], ['c'])).toEqual(['c']);
  expect(placesKept(['a', 'b', 'c'], ['a', 'b'])).toEqual(['a', 'b']);
  expect(placesKept(['a'], [])).toEqual([]);
});

test('who speaks on another page changes places with who was silent the longest', () => {
  const places = ['a', 'b', 'c', 'd', 'e'];
  const spoke = new Map([
    ['a', 30],
    ['b', 10],
    ['c', 20],
  ]);
  expect(broughtForward(places, 3, 'e', spoke)).toEqual(['a', 'e', 'c', 'd', 'b']);
  expect(broughtForward(places, 3, 'a', spoke)).toBe(places);
  expect(broughtForward(places, 3, 'gone', spoke)).toBe(places);
  expect(broughtForward(places, 3, null, spoke)).toBe(places);
  // Of those who never spoke, whoever is last there.
  expect(broughtForward(places, 3, 'd', new Map())).toEqual(['a', 'b', 'd', 'c', 'e']);
});

test('oneself is last in the grid, and on the first of several pages', () => {
  expect(withOneself(['a', 'b'], 'me', 9)).toEqual(['a', 'b', 'me']);
  expect(withOneself(['a', 'b', 'c', 'd'], 'me', 3)).toEqual(['a', 'b', 'me', 'c', 'd']);
  expect(withOneself(['a', 'b'], null, 9)).toEqual(['a', 'b']);
  expect(withOneself([], 'me', 9)).toEqual(['me']);
});
