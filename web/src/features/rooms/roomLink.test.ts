import { expect, test } from 'vitest';
import { slugFromInput } from './roomLink';

test('a pasted link, a path and a bare code all lead to the same room', () => {
  for (const input of [
    'https://meet.example.org/abc-defg-hij',
    'http://192.168.1.4:8080/abc-defg-hij?signal=dual#x',
    'meet.example.org/abc-defg-hij',
    ' /abc-defg-hij ',
    'ABC-DEFG-HIJ',
    'abc defg hij',
  ]) {
    expect(slugFromInput(input), input).toBe('abc-defg-hij');
  }
});

test('what cannot be a room is refused', () => {
  for (const input of ['', 'https://meet.example.org/', '-a', 'a/../..', 'ünïcode', '<b>']) {
    const slug = slugFromInput(input);
    expect(slug === null || /^[.]+$/.test(slug) === false, input).toBe(true);
  }
  expect(slugFromInput('')).toBeNull();
  expect(slugFromInput('-a')).toBeNull();
});
