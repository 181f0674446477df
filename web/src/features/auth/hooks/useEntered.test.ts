import { expect, test } from 'vitest';
import { safeNext } from './useEntered';

test('after signing in one goes back to a page of this site', () => {
  expect(safeNext('/abc-defg-hij?signal=dual')).toBe('/abc-defg-hij?signal=dual');
});

test('a link can send nobody to another site or in a circle', () => {
  for (const next of [null, '', 'https://evil.test', '//evil.test', '/\\evil.test', '/sign-in']) {
    expect(safeNext(next)).toBe('/');
  }
});
