import { expect, test } from 'vitest';
import { slugFromInput } from './roomLink';

const HOSTS = ['meet.example.org', '192.168.1.4:8080'];

test('a pasted link, a path and a bare code all lead to the same room', () => {
  for (const input of [
    'https://meet.example.org/abc-defg-hij',
    'HTTPS://Meet.Example.ORG/ABC-DEFG-HIJ',
    'http://192.168.1.4:8080/abc-defg-hij?signal=dual#x',
    'meet.example.org/abc-defg-hij',
    ' /abc-defg-hij ',
    'ABC-DEFG-HIJ',
    'abc defg hij',
  ]) {
    expect(slugFromInput(input, HOSTS), input).toEqual({ slug: 'abc-defg-hij' });
  }
});

test("another site's link is not a room here", () => {
  for (const input of ['https://meet.google.com/abc-defg-hij', 'meet.google.com/abc-defg-hij']) {
    expect(slugFromInput(input, HOSTS)).toEqual({ wrong: 'elsewhere', host: 'meet.google.com' });
  }
  expect(slugFromInput('https://meet.example.org:8443/abc-defg-hij', HOSTS)).toEqual({
    wrong: 'elsewhere',
    host: 'meet.example.org:8443',
  });
});

test.each([
  ['', 'empty'],
  ['  ', 'empty'],
  ['https://meet.example.org/', 'noRoom'],
  ['meet.example.org/', 'noRoom'],
  ['https://meet.example.org/sign-up?invite=x', 'page'],
  ['admin', 'page'],
  ['-a', 'unreadable'],
  ['ab', 'unreadable'],
  ['ünïcode', 'unreadable'],
  ['<b>', 'unreadable'],
  ['https://', 'unreadable'],
])('“%s” leads to no room: %s', (input, wrong) => {
  expect(slugFromInput(input, HOSTS)).toEqual({ wrong });
});
