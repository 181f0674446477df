import { expect, test } from 'vitest';
import { type Happening, type News, named, SHOWN_MS, withHappening } from './news';

const told = (...happenings: [number, Happening][]) => {
  const all: News[] = [];
  for (const [now, happening] of happenings) {
    const next = withHappening(all.at(-1) ?? null, happening, now);
    if (all.at(-1)?.id === next.id) all.pop();
    all.push(next);
  }
  return all.map(({ kind, names, body }) =>
    [kind, names.join('+'), body].filter(Boolean).join(' '),
  );
};
const joined = (name: string): Happening => ({ kind: 'joined', name });

test('comings that follow each other are one piece of news', () => {
  expect(told([0, joined('Ben')], [900, joined('Cleo')], [5_800, joined('Dan')])).toEqual([
    'joined Ben+Cleo+Dan',
  ]);
});

test('a coming after the last one was gone is news of its own, and so is a going', () => {
  expect(told([0, joined('Ben')], [SHOWN_MS, joined('Cleo')])).toEqual([
    'joined Ben',
    'joined Cleo',
  ]);
  expect(told([0, joined('Ben')], [10, { kind: 'left', name: 'Cleo' }])).toEqual([
    'joined Ben',
    'left Cleo',
  ]);
});

test('the same person is named once', () => {
  expect(told([0, joined('Ben')], [10, joined('Ben')])).toEqual(['joined Ben']);
});

test('messages and hands are never merged: each says something', () => {
  const says = (body: string): Happening => ({ kind: 'message', name: 'Ben', body });
  expect(told([0, says('a')], [1, says('b')])).toEqual(['message Ben a', 'message Ben b']);
  const hand: Happening = { kind: 'hand', name: 'Ben' };
  expect(told([0, hand], [1, { ...hand, name: 'Cleo' }])).toEqual(['hand Ben', 'hand Cleo']);
});

test('three are named, of more the first two and how many others', () => {
  expect(named(['Ben', 'Cleo', 'Dan'])).toEqual({ shown: ['Ben', 'Cleo', 'Dan'], others: 0 });
  expect(named(['Ben', 'Cleo', 'Dan', 'Eve'])).toEqual({ shown: ['Ben', 'Cleo'], others: 2 });
});
