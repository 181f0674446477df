import { expect, test } from 'vitest';
import { localeFor } from './locale';

test('dates follow the region that the browser names, not the largest country of the language', () => {
  expect(localeFor('en', ['en-GB', 'en'])).toBe('en-GB');
  expect(localeFor('en', ['en', 'en-AU'])).toBe('en-AU');
  expect(localeFor('fr', ['fr-CH', 'en-GB'])).toBe('fr-CH');
  // Somebody in Germany who reads English.
  expect(localeFor('en', ['de-DE', 'de'])).toBe('en-DE');
  expect(localeFor('en', ['not a tag', 'en'])).toBe('en');
  const day = new Intl.DateTimeFormat(localeFor('en', ['en-GB']), { dateStyle: 'medium' });
  expect(day.format(new Date(2026, 10, 28))).toBe('28 Nov 2026');
});
