import { expect, test } from 'vitest';
import { loudness } from './useLevel';

test('silence is zero, a full-scale tone fills the meter, a whisper is between', () => {
  const tone = (gain: number) => Float32Array.from({ length: 512 }, (_, i) => gain * Math.sin(i));
  expect(loudness(tone(0))).toBe(0);
  expect(loudness(tone(1))).toBe(1);
  expect(loudness(tone(0.01))).toBeGreaterThan(0.1);
  expect(loudness(tone(0.01))).toBeLessThan(0.6);
});
