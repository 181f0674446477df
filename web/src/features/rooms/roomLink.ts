/** Understands what people paste to join: a whole link, a path or the bare code. */
const SLUG = /^[a-z0-9][a-z0-9-]{1,62}[a-z0-9]$/;

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether it names a room of ours for ever, also when the room was deleted. */
export const isRoomId = (text: string) => ID.test(text);

/** Pages of this site that could be taken for rooms. */
const PAGES = [
  'account',
  'admin',
  'api',
  'connect',
  'reset-password',
  'setup',
  'sign-in',
  'sign-up',
];

export type Pasted =
  | { slug: string }
  | { wrong: 'empty' | 'noRoom' | 'page' | 'unreadable' }
  | { wrong: 'elsewhere'; host: string };

/** `hosts` are the names of this site; a link to another one is not a room here. */
export function slugFromInput(input: string, hosts: string[]): Pasted {
  const text = input.trim();
  const afterScheme = text.replace(/^[a-z]+:\/\//i, '');
  const isLink = afterScheme !== text || afterScheme.includes('/');
  const slash = afterScheme.indexOf('/');
  const host = isLink ? (slash < 0 ? afterScheme : afterScheme.slice(0, slash)).toLowerCase() : '';
  const path = isLink ? (slash < 0 ? '' : afterScheme.slice(slash + 1)) : afterScheme;
  if (host !== '' && !hosts.includes(host)) return { wrong: 'elsewhere', host };
  if (text === '') return { wrong: 'empty' };
  const slug = (path.split(/[/?#]/)[0] ?? '').toLowerCase().replace(/\s+/g, '-');
  if (slug === '') return { wrong: host === '' ? 'unreadable' : 'noRoom' };
  if (PAGES.includes(slug)) return { wrong: 'page' };
  return SLUG.test(slug) ? { slug } : { wrong: 'unreadable' };
}
