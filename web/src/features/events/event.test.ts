import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
// @ts-expect-error The generator is plain JavaScript: it runs where no TypeScript does.
import { eventNamesOf } from '../../../generate/events.mjs';
import { EVENTS } from './event';

test('a page listens for every event of the document (else: make generate)', () => {
  const document = JSON.parse(readFileSync('../docs/openapi.json', 'utf8'));
  expect(EVENTS).toEqual(eventNamesOf(document));
  expect(EVENTS).toContain('participant.joined');
});
