import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { nearestRegion, type Region } from './nearestRegion';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const region = (name: string, ping_url: string | null = `http://${name}/`) => ({ name, ping_url });

/** Answers from each address take so long, the first one ten times as long; where nothing is said there are none. */
async function nearest(regions: Region[], took: Record<string, number>) {
  const asked: string[] = [];
  const ask = async (url: string) => {
    const milliseconds = took[url];
    if (milliseconds === undefined) throw new TypeError('refused');
    const first = !asked.includes(url);
    asked.push(url);
    await new Promise((resolve) => setTimeout(resolve, milliseconds * (first ? 10 : 1)));
  };
  const found = nearestRegion(regions, ask, Date);
  await vi.runAllTimersAsync();
  return { found: await found, asked };
}

test('the region whose answers come soonest is the nearest', async () => {
  const took = { 'http://eu/': 80, 'http://us/': 20, 'http://asia/': 150 };
  const { found } = await nearest([region('eu'), region('us'), region('asia')], took);
  expect(found).toBe('us');
});

test('one that does not answer or cannot be measured is not the nearest', async () => {
  const took = { 'http://eu/': 80 };
  const some = await nearest([region('us'), region('hidden', null), region('eu')], took);
  expect(some).toEqual({ found: 'eu', asked: Array(3).fill('http://eu/') });
  const none = await nearest([region('us'), region('hidden', null)], took);
  expect(none.found).toBeUndefined();
});

test('without a choice nobody is asked', async () => {
  const took = { 'http://eu/': 1 };
  for (const regions of [[], [region('eu')]]) {
    expect(await nearest(regions, took)).toEqual({ found: undefined, asked: [] });
  }
});
