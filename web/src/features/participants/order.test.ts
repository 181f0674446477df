import { expect, test } from 'vitest';
import { byImportance } from './order';

test('I am first, then hands in the order they were raised, then the alphabet', () => {
  const person = (name: string, hand = '', isLocal = false) => ({
    identity: name,
    name,
    isLocal,
    attributes: hand ? { hand_raised_at: hand } : ({} as Record<string, string>),
  });
  const listed = byImportance([
    person('Zoe', '1700000000100'),
    person('Ben'),
    person('Ada'),
    person('Yan', '1700000000001'),
    person('Me', '', true),
  ]);
  expect(listed.map(({ name }) => name)).toEqual(['Me', 'Yan', 'Zoe', 'Ada', 'Ben']);
});
