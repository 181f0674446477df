// Four roles and every page: what is offered leads nowhere that is refused, what one may not see is not offered, and the API
// says so in plain words to whoever asks it directly.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import table from '../../src/api/rights.json' with { type: 'json' };
import { Attendee } from '../harness/attendee.ts';
import { type Browser, launchBrowser } from '../harness/browser.ts';
import { Site, Visitor } from '../harness/site.ts';

type Role = keyof typeof table;
const ROLES = ['admin', 'support', 'auditor', 'user'] as const satisfies Role[];
const may = (role: Role, right: string | null) => right === null || (table[role] as string[]).includes(right);

let browser: Browser;
let site: Site;
let owner: Attendee;
const people = {} as Record<Role, Visitor>;
/** What the pages below are about. */
const ids = { user: '', meeting: '', room: '', slug: '' };

/** Each page, what is written on it once it is there, and the right that it needs beyond an account. */
const PAGES: [address: () => string, text: RegExp, right: string | null][] = [
  [() => '/', /My rooms/, null],
  [() => '/account', /Your account/, null],
  [() => '/recordings', /Nothing has been recorded yet/, null],
  [() => '/connect', /Why can't I connect/, null],
  [() => '/admin/overview', /Running since/, 'see_rooms'],
  [() => '/admin/live', /Private talk/, 'see_rooms'],
  [() => `/admin/live/${ids.room}`, /owner/i, 'see_rooms'],
  [() => '/admin/rooms', /Private talk/, 'see_rooms'],
  [() => '/admin/meetings', /Private talk/, 'see_rooms'],
  [() => `/admin/meetings/${ids.meeting}`, /owner/i, 'see_rooms'],
  [() => `/${ids.slug}/settings/audit`, /Activity/, 'see_rooms'],
  [() => `/${ids.slug}/settings/members`, /invited/, 'see_rooms'],
  [() => `/${ids.slug}/settings/recordings`, /Nothing has been recorded yet/, 'see_recordings'],
  [() => '/admin/recordings', /Nothing found/, 'see_recordings'],
  [() => '/admin/users', /owner@example.org/, 'see_site'],
  [() => `/admin/users/${ids.user}`, /owner@example.org/, 'see_site'],
  [() => '/admin/invites', /without a note/, 'see_site'],
  [() => '/admin/streaming', /Stage/, 'see_site'],
  [() => '/admin/agents', /No worker is registered/, 'see_site'],
  [() => '/admin/telephony', /Not on this media server/, 'see_site'],
  [() => '/admin/keys', /Programs/, 'see_site'],
  [() => '/admin/tokens', /Read a token/, 'see_site'],
  [() => '/admin/audit', /^Page 1$/, 'see_site'],
  [() => '/admin/health', /In order/, 'see_site'],
  [() => '/admin/doctor', /Nothing was checked yet/, 'see_site'],
  [() => '/admin/log', /Warnings of the site/, 'see_site'],
  [() => '/admin/jobs', /Nothing waits|due/, 'see_site'],
  [() => '/admin/configuration', /trusted_proxies/, 'see_site'],
  [() => '/admin/settings', /As auth.registration says/, 'see_site'],
  [() => '/admin/webhooks', /hooks.example.org/, 'administer'],
];

/** What each right opens in the API; whoever has it not is refused before anything is looked at. */
const CALLS: [method: string, path: () => string, right: string][] = [
  ['GET', () => '/api/admin/overview', 'see_rooms'],
  ['GET', () => '/api/livekit/rooms', 'see_rooms'],
  ['GET', () => `/api/rooms/${ids.slug}/quality?identity=g-1`, 'see_rooms'],
  ['GET', () => `/api/rooms/${ids.slug}/meetings`, 'see_rooms'],
  ['GET', () => '/api/admin/health', 'see_site'],
  ['PATCH', () => '/api/livekit/rooms/none', 'moderate_rooms'],
  ['GET', () => '/api/admin/recordings', 'see_recordings'],
  ['GET', () => `/api/rooms/${ids.slug}/recordings`, 'see_recordings'],
  ['GET', () => '/api/users', 'see_site'],
  ['GET', () => '/api/api-keys', 'see_site'],
  ['GET', () => '/api/ingress', 'see_site'],
  ['GET', () => '/api/sip/trunks/ST_1/message', 'administer'],
  ['POST', () => '/api/tokens', 'administer'],
  ['PATCH', () => '/api/admin/settings', 'administer'],
  ['DELETE', () => '/api/users/0199d5a0-0000-7000-8000-00000000dead', 'administer'],
  ['GET', () => '/api/webhooks', 'administer'],
];

before(async () => {
  browser = await launchBrowser();
  site = await Site.start();
  const admin = await site.administrator();
  people.admin = admin;
  for (const role of ROLES.slice(1)) {
    people[role] = await site.user(role);
    const { id } = await people[role].must<{ id: string }>('GET', '/api/auth/me');
    await admin.must('PATCH', `/api/users/${id}`, { role });
  }
  const account = await site.user('owner');
  ids.user = (await account.must<{ id: string }>('GET', '/api/auth/me')).id;
  const room = { name: 'Private talk', access: 'private' };
  Object.assign(ids, await account.must<{ slug: string }>('POST', '/api/rooms', room).then(({ slug }) => ({ slug })));
  await admin.must('POST', '/api/api-keys', { name: 'Programs', grants: ['room_list'] });
  await admin.must('POST', '/api/invites', {});
  await admin.must('POST', '/api/webhooks', { url: 'https://hooks.example.org/a', events: [] });
  await admin.must('POST', '/api/ingress', { name: 'Stage', kind: 'whip', room: ids.slug });
  owner = await Attendee.arrive(browser, site, 'Owner', account);
  await owner.join(ids.slug);
  type Meetings = { items: { id: string }[] };
  const meetings = async () => (await admin.must<Meetings>('GET', '/api/admin/meetings')).items;
  await owner.until('be on record', async () => (await meetings()).length === 1);
  ids.meeting = (await meetings())[0]?.id ?? '';
  const live = await admin.must<{ items: { name: string }[] }>('GET', '/api/livekit/rooms');
  ids.room = live.items[0]?.name ?? '';
});
after(async () => {
  await owner?.leave();
  await browser?.close();
  await site?.stop();
});

/** Somebody with this role in a browser, and what the server refused them there. */
async function arrive(role: Role): Promise<{ who: Attendee; refused: string[] }> {
  const who = await Attendee.arrive(browser, site, role, people[role]);
  const refused: string[] = [];
  who.page.setDefaultTimeout(20_000);
  who.page.on('response', (response) => {
    if (response.status() !== 403) return;
    const { pathname } = new URL(response.url());
    refused.push(`${new URL(who.page.url()).pathname}: ${response.request().method()} ${pathname}`);
  });
  return { who, refused };
}

const see = (page: Page, text: RegExp) =>
  page.getByText(text).first().waitFor().catch(async (error) => {
    throw new Error(`${page.url()} does not say ${text} but: ${await page.locator('body').innerText()}`, { cause: error });
  });

/** Closes whatever a press opened, and goes back where it led away. */
async function comeBack(page: Page, address: string, text: RegExp): Promise<void> {
  for (let tries = 0; tries < 3; tries += 1) {
    if ((await page.locator('[role=dialog], [role=alertdialog], [role=menu], [role=listbox]').count()) === 0) break;
    await page.keyboard.press('Escape');
  }
  if (page.url() === address) return;
  await page.goto(address);
  await see(page, text);
}

/** Signing out is for the end; what is downloaded, copied, shown as it came, or turns a list's page leads nowhere else. */
const LEFT_ALONE = /sign out|^copy|^download|^export|^raw|rows|^previous|^next|sort by/i;

/** Presses every button of the page and chooses everything in its menus. What asks before it does something is not answered. */
async function pressAll(page: Page, address: string, text: RegExp): Promise<number> {
  const buttons = page.locator('main button:visible:enabled, main [role=tab]:visible');
  const pressed = new Set<string>();
  for (let at = 0; at < (await buttons.count()); at += 1) {
    const button = buttons.nth(at);
    const label = (await button.getAttribute('aria-label')) ?? (await button.innerText());
    // What may be done with one row may be done with the others.
    const kind = label.replace(/^(Actions for|More for|Open) .*/, '$1');
    if (LEFT_ALONE.test(label) || pressed.has(kind)) continue;
    pressed.add(kind);
    const press = () =>
      button.click().catch((error) => {
        throw new Error(`${address}: ${label} cannot be pressed`, { cause: error });
      });
    await press();
    const items = page.getByRole('menuitem');
    const choices = await items.allTextContents();
    await comeBack(page, address, text);
    for (const choice of choices.filter((each) => !LEFT_ALONE.test(each))) {
      await page.getByRole('button', { name: label, exact: true }).first().click();
      await items.filter({ hasText: choice }).first().click();
      // It asks, it leads away, or it does what it says at once.
      const moved = (before: string) =>
        location.href !== before || document.querySelector('[role=dialog], [role=alertdialog]') !== null;
      await page.waitForFunction(moved, address, { timeout: 500 }).catch(() => undefined);
      await comeBack(page, address, text);
    }
  }
  return pressed.size;
}

test('pages are there or say why not, and nothing offered is refused', { concurrency: true }, async (context) => {
  const walks = ROLES.map((role) => context.test(role, async () => {
    const { who, refused } = await arrive(role);
    const { page } = who;
    try {
      const links = new Set<string>();
      let pressed = 0;
      for (const [address, text, right] of PAGES) {
        await page.goto(site.url + address());
        if (!may(role, right)) {
          await see(page, /This page does not exist|This page is not for your role|For administrators only|This room is private|Only /);
          continue;
        }
        await see(page, text);
        for (const href of await page.locator('a[href^="/"]:visible').evaluateAll((all) => all.map((a) => a.getAttribute('href') ?? ''))) {
          links.add(href);
        }
        if (role !== 'admin') pressed += await pressAll(page, site.url + address(), text);
      }
      // One of each kind: a page of one account is as that of another.
      const kind = (link: string) => link.replace(/[0-9a-f-]{36}/g, '*').replace(/=[^&]*/g, '=*');
      const known = new Set(PAGES.map(([address]) => kind(address())));
      for (const link of links) {
        if (known.has(kind(link)) || link.startsWith('/api/')) continue;
        known.add(kind(link));
        await page.goto(site.url + link);
        await page.locator('main h1, main h2, [data-testid=lobby], main').first().waitFor();
        assert.equal(await page.getByText(/This page does not exist|This page is not for your role/).count(), 0, link);
      }
      if (role === 'support' || role === 'auditor') assert.ok(pressed > 20 && links.size > 10, `${pressed} ${links.size}`);
      assert.deepEqual(refused, []);
      assert.deepEqual(who.log.filter((line) => line.startsWith('[pageerror]')), []);
    } finally {
      await who.leave();
    }
  }));
  await Promise.all(walks);
});

test('the rail has the pages of a role and no others', async () => {
  for (const role of ROLES.filter((each) => may(each, 'see_rooms'))) {
    const { who } = await arrive(role);
    try {
      await who.open('/admin');
      const rail = who.page.getByRole('navigation', { name: 'Administration' });
      await rail.getByRole('link', { name: 'Overview' }).waitFor();
      const shown = await rail.getByRole('link').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
      const expected = PAGES.filter(([address, , right]) => /^\/admin\/[a-z]+$/.test(address()) && may(role, right));
      const pages = shown.filter((href) => href !== '/api/reference');
      assert.deepEqual(pages.sort(), expected.map(([address]) => address()).sort(), role);
    } finally {
      await who.leave();
    }
  }
});

test('the API refuses each role what it may not, as a problem, and a visitor everything', async () => {
  for (const [method, path, right] of CALLS) {
    for (const role of ROLES) {
      const { status, body, headers } = await people[role].ask(method, path(), method === 'GET' ? undefined : {});
      if (may(role, right)) {
        assert.notEqual(status, 403, `${role} ${method} ${path()}`);
        continue;
      }
      assert.deepEqual([status, body.code], [403, 'forbidden'], `${role} ${method} ${path()}`);
      assert.equal(headers.get('content-type'), 'application/problem+json');
      assert.match(String(body.detail), /^Only .+\.$/);
    }
    const { status } = await new Visitor(site.url).ask(method, path());
    assert.equal(status, 401, `${method} ${path()}`);
  }
});
