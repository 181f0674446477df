import { expect, test } from 'vitest';
import { LONGEST_MESSAGE, lengthOf, shortened } from './length';

test('a message of the greatest length is shown whole, whatever its signs', () => {
  for (const sign of ['a', '🙂']) {
    const text = sign.repeat(LONGEST_MESSAGE);
    expect(lengthOf(text)).toBe(LONGEST_MESSAGE);
    expect(shortened(text)).toBe(text);
    expect(shortened(`${text}${sign}`)).toBe(`${text}…`);
  }
});
