import { expect, test } from 'vitest';
import { linkPieces } from './links';

const hrefs = (message: string) =>
  linkPieces(message)
    .map(({ href }) => href)
    .filter(Boolean);

test('web addresses become links, the sentence around them stays whole', () => {
  const message = 'See https://example.org/a?b=c, and http://x.test/(y).';
  expect(hrefs(message)).toEqual(['https://example.org/a?b=c', 'http://x.test/(y)']);
  expect(
    linkPieces(message)
      .map(({ text }) => text)
      .join(''),
  ).toBe(message);
});

test('brackets belong to an address when they open inside it', () => {
  expect(hrefs('(see https://en.wikipedia.org/wiki/Rust_(programming_language))')).toEqual([
    'https://en.wikipedia.org/wiki/Rust_(programming_language)',
  ]);
  expect(hrefs('https://x.test/a(b)c(d).')).toEqual(['https://x.test/a(b)c(d)']);
  expect(hrefs('[https://x.test/a], (https://x.test/b!)')).toEqual([
    'https://x.test/a',
    'https://x.test/b',
  ]);
  expect(hrefs('https://x.test/?a[]=1')).toEqual(['https://x.test/?a[]=1']);
});

test('nothing but http and https is ever a link', () => {
  for (const message of [
    'javascript:alert(1)',
    'data:text/html,<script>1</script>',
    'JaVaScRiPt://https://x',
    'ftp://example.org',
    '<a href="x">hi</a>',
  ]) {
    for (const href of hrefs(message)) expect(href).toMatch(/^https?:/);
  }
  expect(hrefs('javascript:alert(1)')).toEqual([]);
});
