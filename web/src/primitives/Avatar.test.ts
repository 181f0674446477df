import { expect, test } from 'vitest';
import { initials } from './Avatar';

test.each([
  ['Ada Lovelace', 'AL'],
  ['Ada King Lovelace', 'AL'],
  ['(Bob)', 'B'],
  ['"Bob" - (Builder)', 'BB'],
  ['Bob 2', 'B2'],
  ['émile Zola', 'ÉZ'],
  // A letter and its accent are two characters and one sign.
  ['e\u0301mile', 'E\u0301'],
  ['🙂 Grace 🎉', 'G'],
  ['李 小龍', '李小'],
  ['नमिता', 'न'],
  ['…', '?'],
  ['', '?'],
])('the initials of %s are %s', (name, expected) => {
  expect(initials(name)).toBe(expected);
});
