/** Understands what people paste to join: a whole link, a path or the bare code. */
const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

export function slugFromInput(input: string): string | null {
  const text = input.trim();
  const afterHost = text.replace(/^[a-z]+:\/\//i, '');
  const isLink = afterHost !== text || afterHost.includes('/');
  const path = isLink ? afterHost.slice(afterHost.indexOf('/') + 1) : afterHost;
  const slug = (path.split(/[/?#]/)[0] ?? '').toLowerCase().replace(/\s+/g, '-');
  return SLUG.test(slug) ? slug : null;
}
