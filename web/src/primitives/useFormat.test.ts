import { renderHook } from '@testing-library/react';
import { expect, test } from 'vitest';
import { clock, useFormat } from './useFormat';

test.each([
  [0, '0:00'],
  [7_400, '0:07'],
  [754_000, '12:34'],
  [3_723_000, '1:02:03'],
])('a length of %i ms is shown as %s', (ms, shown) => {
  expect(clock(ms)).toBe(shown);
});

test.each([
  [0, '0 byte'],
  [999, '999 byte'],
  [4_200_000, '4.2 MB'],
  [1_500_000_000, '1.5 GB'],
  [3e18, '3,000,000 TB'],
])('a size of %i bytes is shown as %s', (bytes, shown) => {
  const { result } = renderHook(() => useFormat());
  expect(result.current.bytes(bytes)).toBe(shown);
});
