import { expect, test } from 'vitest';
import { cornerByKey, nearestCorner, nextCorner, ownCorner } from './corner';

test('a picture that is let go falls into the nearest corner', () => {
  expect(nearestCorner(10, 10, 800, 600)).toBe('top-left');
  expect(nearestCorner(700, 10, 800, 600)).toBe('top-right');
  expect(nearestCorner(399, 301, 800, 600)).toBe('bottom-left');
  expect(nearestCorner(9_000, 9_000, 800, 600)).toBe('bottom-right');
});

test('arrow keys lead from corner to corner and never out of the stage', () => {
  expect(cornerByKey('bottom-right', 'ArrowLeft')).toBe('bottom-left');
  expect(cornerByKey('bottom-left', 'ArrowUp')).toBe('top-left');
  expect(cornerByKey('top-left', 'ArrowUp')).toBe('top-left');
  expect(cornerByKey('top-left', 'Tab')).toBeNull();
});

test('pressing leads through all four corners', () => {
  const seen = new Set(['bottom-right']);
  let corner = nextCorner('bottom-right');
  while (corner !== 'bottom-right') {
    seen.add(corner);
    corner = nextCorner(corner);
  }
  expect(seen.size).toBe(4);
});

test('what another version remembered is no corner', () => {
  localStorage.setItem('convoke.own-corner', 'middle');
  expect(ownCorner.now()).toBeUndefined();
  ownCorner.choose('top-left');
  expect(ownCorner.now()).toBe('top-left');
  ownCorner.choose(undefined);
});
