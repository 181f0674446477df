import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
// @ts-expect-error The generator is plain JavaScript: it runs where no TypeScript does.
import { limitsOf } from '../../generate/limits.mjs';
import type { Rules } from './limits';
import limits from './limits.json';

test('the limits are those of the document (else: make generate)', () => {
  const document = JSON.parse(readFileSync('../docs/openapi.json', 'utf8'));
  expect(limits).toEqual(limitsOf(document));
});

test('every pattern is one that this language can read', () => {
  const rules: Rules[] = Object.values(limits).flatMap((fields) => Object.values(fields));
  const patterns = rules.flatMap(({ pattern }) => pattern ?? []);
  expect(patterns.length).toBeGreaterThan(0);
  for (const pattern of patterns) expect(() => new RegExp(pattern, 'u'), pattern).not.toThrow();
});
