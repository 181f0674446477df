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
    'grace@example.org\tGrace Hopper\tsupport',
    { email: 'grace@example.org', note: 'Grace Hopper', role: 'support' },
  ],
  // Somebody may be called so: rights are given by the last cell alone.
  ['Admin, Grace, grace@example.org', { email: 'grace@example.org', note: 'Admin Grace' }],
  ['admin@example.org, User, admin', { email: 'admin@example.org', note: 'User', role: 'admin' }],
  // Mistyped rights are said to be unknown, not taken for a name.
  ['ada@example.org, Ada, auditr', { email: 'ada@example.org', note: 'Ada', role: 'auditr' }],
  ['Ada <ada@example.org>, auditr', { email: 'ada@example.org', note: 'Ada', role: 'auditr' }],
  ['ada@example.org, Lovelace', { email: 'ada@example.org', note: 'Lovelace' }],
  ['ada@example.org, grace@example.org', { email: 'ada@example.org, grace@example.org' }],
  ['ada@example.org;Ada @ work;admin', { email: 'ada@example.org, Ada @ work, admin' }],
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

test('headings say which cell has the role, also where that is mistyped', () => {
  const text =
    'role,email,first,last\nauditr,ada@example.org,Ada,User\n,grace@example.org,Grace,\nAdmin,eve@example.org,Eve,x';
  expect(readLines(text)).toEqual([
    { email: 'ada@example.org', note: 'Ada User', role: 'auditr' },
    { email: 'grace@example.org', note: 'Grace' },
    { email: 'eve@example.org', note: 'Eve x', role: 'admin' },
  ]);
  expect(readLines('email,first,last\nada@example.org,Ada,Lovelace')).toEqual([
    { email: 'ada@example.org', note: 'Ada Lovelace' },
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
  // Many a spreadsheet splits at semicolons, whatever the quotes say.
  expect(linksAsCsv([{ email: 'x; =1+1' }], [], String)).toContain("x; '=1+1,");
});
