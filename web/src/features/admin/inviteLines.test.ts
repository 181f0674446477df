import { expect, test } from 'vitest';
import { linksAsCsv, readLines } from './inviteLines';

test.each([
  ['ada@example.org', { email: 'ada@example.org' }],
  ['Ada Lovelace <ada@example.org>', { email: 'ada@example.org', note: 'Ada Lovelace' }],
  [
    'ada@example.org, Ada Lovelace, Auditor',
    { email: 'ada@example.org', note: 'Ada Lovelace', role: 'auditor' },
  ],
  [
    'support\tGrace Hopper\tgrace@example.org',
    { email: 'grace@example.org', note: 'Grace Hopper', role: 'support' },
  ],
  ['"Lovelace, Ada";"ada@example.org"', { email: 'ada@example.org', note: 'Lovelace, Ada' }],
  ['no address here', { email: 'no address here' }],
])('%s is read as somebody writes it', (line, expected) => {
  expect(readLines(line)).toEqual([{ note: undefined, role: undefined, ...expected }]);
});

test('headings, empty lines and the mark at the beginning are no people', () => {
  const text = '\uFEFFName,E-mail\r\nAda,ada@example.org\r\n\r\n , \nGrace,grace@example.org';
  expect(readLines(text).map(({ email }) => email)).toEqual([
    'ada@example.org',
    'grace@example.org',
  ]);
});

test('the file has every line, the links, and nothing that a spreadsheet runs', () => {
  const lines = [{ email: '=1+1' }, { email: 'ada@example.org', note: 'Ada, "A"', role: 'admin' }];
  const made = [
    { invite: null, fault: 'not_an_email' as const },
    { invite: { url: 'https://x/y' } as never, fault: null },
  ];
  expect(linksAsCsv(lines, made, (fault) => fault)).toBe(
    '\uFEFFemail,note,role,link,problem\r\n' +
      "'=1+1,,user,,not_an_email\r\n" +
      'ada@example.org,"Ada, ""A""",admin,https://x/y,\r\n',
  );
});
