import { expect, test } from 'vitest';
import { reconnectPolicy } from './reconnectPolicy';

test('a page tries soon, then every few seconds, and gives up after ten minutes', () => {
  const policy = reconnectPolicy(() => 0.5);
  const tried: number[] = [];
  let elapsedMs = 0;
  for (let retryCount = 0; ; retryCount += 1) {
    const delay = policy.nextRetryDelayInMs({ retryCount, elapsedMs });
    if (delay === null) break;
    tried.push(delay);
    elapsedMs += delay;
  }
  expect(tried.slice(0, 6)).toEqual([250, 300, 1_200, 2_700, 4_000, 4_000]);
  expect(elapsedMs).toBeGreaterThan(600_000);
  expect(elapsedMs).toBeLessThan(610_000);
});
