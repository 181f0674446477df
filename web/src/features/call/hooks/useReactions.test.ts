import { expect, test } from 'vitest';
import { reactionOf } from './useReactions';

const packet = (text: string) => new TextEncoder().encode(text);

test('a known emoji is shown', () => {
  expect(reactionOf(packet('{"emoji":"🎉"}'))).toBe('🎉');
});

test('anything else from the network is ignored', () => {
  for (const text of ['', 'null', '{}', '{"emoji":"<img>"}', '{"emoji":1}', '🎉', '{"emoji":']) {
    expect(reactionOf(packet(text)), text).toBeNull();
  }
});
