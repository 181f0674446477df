import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) =>
  /\.tsx?$/.test(path),
);
const featureOf = (path: string) => /^features\/([^/]+)\//.exec(path)?.[1];

function importsOf(path: string): string[] {
  const text = readFileSync(join('src', path), 'utf8');
  return [...text.matchAll(/from '(\.[^']+)'/g)].map(([, target = '']) =>
    relative('src', resolve('src', dirname(path), target)),
  );
}

test('a feature uses another only through its index', () => {
  const deep = files.flatMap((path) =>
    importsOf(path)
      .filter((target) => {
        const other = featureOf(`${target}/`);
        return (
          featureOf(path) && other && other !== featureOf(path) && target !== `features/${other}`
        );
      })
      .map((target) => `${path} → ${target}`),
  );
  expect(deep).toEqual([]);
});

test('primitives and the API client know no feature', () => {
  const upward = files
    .filter((path) => /^(primitives|api|i18n)\//.test(path))
    .flatMap((path) => importsOf(path).filter((target) => target.startsWith('features/')));
  expect(upward).toEqual([]);
});

test('every module says in its first line what it is for', () => {
  const silent = files.filter(
    (path) =>
      !/\.test\.tsx?$|\.d\.ts$/.test(path) &&
      !readFileSync(join('src', path), 'utf8').startsWith('/**'),
  );
  expect(silent).toEqual([]);
});
