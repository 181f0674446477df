import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import en from './en.json';
import fr from './fr.json';

type Texts = { [key: string]: string | Texts };
function flat(texts: Texts, prefix = ''): Record<string, string> {
  return Object.assign(
    {},
    ...Object.entries(texts).map(([key, value]) =>
      typeof value === 'string' ? { [prefix + key]: value } : flat(value, `${prefix}${key}.`),
    ),
  );
}
const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1]).sort();
const english = flat(en);
const french = flat(fr);

test('every language has the same keys', () => {
  expect(Object.keys(french).sort()).toEqual(Object.keys(english).sort());
});

test('a translation fills in the same values', () => {
  for (const [key, text] of Object.entries(english)) {
    // A singular may leave its number out.
    if (key.endsWith('_one')) continue;
    expect(placeholders(french[key] ?? ''), key).toEqual(placeholders(text));
  }
});

test('no text is left empty', () => {
  for (const [key, text] of Object.entries({ ...english, ...french })) {
    expect(text.trim(), key).not.toBe('');
  }
});

test('every text is used somewhere', () => {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.test.ts'))
    .map((path) => readFileSync(join('src', path), 'utf8'))
    .join('\n');
  // Keys that are put together at run time: t(`problem.${code}`) and so on.
  const composed = [...sources.matchAll(/`([a-z]+(?:\.[a-zA-Z]+)*)\.\$\{/g)].map(
    (match) => match[1],
  );
  const unused = Object.keys(english)
    .map((key) => key.replace(/_(one|other)$/, ''))
    .filter((key) => !sources.includes(`'${key}'`))
    .filter((key) => !composed.some((prefix) => key.startsWith(`${prefix}.`)));
  expect([...new Set(unused)]).toEqual([]);
});
