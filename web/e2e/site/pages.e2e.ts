// Each page is accessible (axe finds nothing), works at phone width, in dark and light; screenshots are kept.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Attendee } from '../harness/attendee.ts';
import { accessible } from '../harness/axe.ts';
import { type Browser, launchBrowser, screenshot } from '../harness/browser.ts';
import { Site, type Visitor } from '../harness/site.ts';

let browser: Browser;
let site: Site;
let admin: Visitor;
let slug: string;

before(async () => {
  browser = await launchBrowser();
  site = await Site.start();
  admin = await site.administrator();
  slug = (await admin.must<{ slug: string }>('POST', '/api/rooms', { name: 'Weekly planning' })).slug;
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

const pages: [string, () => string, RegExp][] = [
  ['home', () => '/', /My rooms/],
  ['settings', () => `/${slug}/settings`, /General/],
  ['account', () => '/account', /Your account/],
  ['recordings', () => '/recordings', /Nothing has been recorded yet/],
  ['admin', () => '/admin', /Running since/],
  ['admin-recordings', () => '/admin/recordings', /Nothing found/],
  ['admin-recordings-stuck', () => '/admin/recordings?state=stuck', /No film is stuck/],
  ['admin-rooms', () => '/admin/rooms', /Weekly planning/],
  ['admin-meetings', () => '/admin/meetings', /No meeting has taken place yet|^Page 1$/],
  ['admin-users', () => '/admin/users', /admin@example.org/],
  ['admin-invites', () => '/admin/invites', /No invitations/],
  ['admin-activity', () => '/admin/audit', /^Page 1$/],
  ['admin-keys', () => '/admin/keys', /No API keys/],
  ['admin-tokens', () => '/admin/tokens', /Read a token/],
  ['admin-telephony-here', () => '/admin/telephony', /Not on this media server/],
  ['admin-health', () => '/admin/health', /In order/],
  ['admin-log', () => '/admin/log', /Warnings of the site/],
  ['admin-jobs', () => '/admin/jobs', /Nothing waits|due/],
  ['admin-configuration', () => '/admin/configuration', /trusted_proxies/],
  ['admin-settings', () => '/admin/settings', /As auth.registration says/],
  ['admin-agents', () => '/admin/agents', /No worker is registered/],
  ['admin-streaming', () => '/admin/streaming', /There is no stream/],
  ['room-recordings', () => `/${slug}/settings/recordings`, /Nothing has been recorded yet/],
  ['connect', () => '/connect', /Why can't I connect/],
  ['lobby', () => `/${slug}`, /Join now/],
];

for (const look of [{ dark: false, phone: false }, { dark: true, phone: true }]) {
  const name = `${look.dark ? 'dark' : 'light'}-${look.phone ? 'phone' : 'desktop'}`;
  test(`every page is accessible and fits: ${name}`, async (context) => {
    for (const [page, address, text] of pages) {
      await context.test(page, async () => {
        const ada = await Attendee.arrive(browser, site, 'Ada', admin, look);
        try {
          await ada.open(address());
          await ada.page.getByText(text).first().waitFor();
          await accessible(ada.page);
          const overflow = await ada.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          assert.ok(overflow <= 0, `${overflow} px wider than the screen`);
          await screenshot(ada.page, `page-${page}-${name}`);
        } finally {
          await ada.leave();
        }
      });
    }
  });

  test(`the call is accessible and fits: ${name}`, async () => {
    const ada = await Attendee.arrive(browser, site, 'Ada', admin, look);
    const gus = await Attendee.arrive(browser, site, 'Gus', undefined, look);
    try {
      await ada.join(slug);
      await gus.join(slug);
      await ada.seesPictureOf('Gus');
      await accessible(ada.page);
      await screenshot(ada.page, `page-call-${name}`);
      await ada.button(/^Chat/).click();
      await accessible(ada.page);
      await screenshot(ada.page, `page-chat-${name}`);
    } finally {
      await ada.leave();
      await gus.leave();
    }
  });
}

test('the API reference is rendered from the document, under the same policy', async () => {
  const reader = await Attendee.arrive(browser, site, 'Reader');
  try {
    await reader.open('/api/reference');
    await reader.page.getByText('/api/rooms/{slug}/join').first().waitFor();
    assert.deepEqual(reader.log.filter((line) => line.startsWith('[error]')), []);
    await screenshot(reader.page, 'page-reference');
  } finally {
    await reader.leave();
  }
});

test('pages carry strict security headers', async () => {
  const { headers } = await fetch(site.url);
  assert.match(headers.get('content-security-policy') ?? '', /default-src 'self'/);
  assert.match(headers.get('content-security-policy') ?? '', /script-src 'self'(;| |$)/);
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  assert.match(headers.get('permissions-policy') ?? '', /camera=\(self\)/);
});

test('assets come compressed and for ever, the page fresh', async () => {
  const page = await fetch(site.url);
  assert.match(page.headers.get('cache-control') ?? '', /no-cache/);
  const asset = /\/assets\/[^"]+\.js/.exec(await page.text())?.[0];
  assert.ok(asset);
  const script = await fetch(site.url + asset, { headers: { 'accept-encoding': 'br' } });
  assert.equal(script.headers.get('content-encoding'), 'br');
  assert.match(script.headers.get('cache-control') ?? '', /immutable/);
});
