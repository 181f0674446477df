import { expect, test } from 'vitest';
import { dueAt, type Floor, heard, NOBODY } from './floor';

/** Plays who was heard at which millisecond, the loudest first. */
const after = (...moments: [number, ...string[]][]): Floor =>
  moments.reduce((floor, [now, ...voices]) => heard(floor, voices, now), NOBODY);

test('the first voice has the floor at once', () => {
  expect(after([0, 'ana']).speaker).toBe('ana');
});

test('a louder voice takes it after a second and a half, not before', () => {
  const talk: [number, ...string[]][] = [
    [0, 'ana'],
    [100, 'bo', 'ana'],
    [1_500, 'bo', 'ana'],
  ];
  expect(after(...talk).speaker).toBe('ana');
  expect(dueAt(after(...talk))).toBe(1_600);
  expect(after(...talk, [1_600, 'bo', 'ana']).speaker).toBe('bo');
});

test('after a silence another voice needs less, and a cough is not enough', () => {
  expect(after([0, 'ana'], [500], [600, 'bo'], [900]).speaker).toBe('ana');
  expect(after([0, 'ana'], [600, 'bo'], [1_199, 'bo']).speaker).toBe('ana');
  expect(after([0, 'ana'], [600, 'bo'], [1_200, 'bo']).speaker).toBe('bo');
});

test('who stops being the loudest begins anew, and a silence changes nothing', () => {
  const broken = after([0, 'ana'], [100, 'bo', 'ana'], [800, 'ana', 'bo'], [900, 'bo', 'ana']);
  expect(dueAt(broken)).toBe(2_400);
  const silent = after([0, 'ana'], [5_000]);
  expect(silent.speaker).toBe('ana');
  expect(dueAt(silent)).toBeNull();
});

test('two who interrupt do not add up', () => {
  expect(
    after([0, 'ana'], [100, 'bo', 'ana'], [1_000, 'cy', 'ana'], [1_700, 'cy', 'ana']).speaker,
  ).toBe('ana');
});
