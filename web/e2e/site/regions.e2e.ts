// Two media servers in different regions: the owner's choice, the nearest one, and a region that is killed under a call.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Attendee } from '../harness/attendee.ts';
import { type Browser, launchBrowser } from '../harness/browser.ts';
import { apiKey, apiSecret, MediaServer } from '../harness/media-server.ts';
import { freeTcpPort } from '../harness/ports.ts';
import { Site, type Visitor } from '../harness/site.ts';

const US_KEY = 'APIus';
let browser: Browser;
let folder: string;
let eu: MediaServer;
let us: MediaServer;
let site: Site;
let admin: Visitor;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'convoke-regions-'));
  const port = await freeTcpPort();
  const webhook = (key: string) =>
    `webhook: { api_key: ${key}, urls: ["http://127.0.0.1:${port}/api/livekit/webhook"] }`;
  eu = await MediaServer.start(webhook(apiKey));
  us = await MediaServer.start(webhook(US_KEY), { key: US_KEY });
  const config = path.join(folder, 'convoke.yaml');
  await writeFile(
    config,
    JSON.stringify({
      livekit: {
        external: true,
        host: eu.wsUrl,
        internal_host: eu.httpUrl,
        api_key: apiKey,
        api_secret: apiSecret,
        region: 'eu',
        regions: [{ name: 'us', host: us.wsUrl, internal_host: us.httpUrl, api_key: US_KEY, api_secret: apiSecret }],
      },
    }),
  );
  site = await Site.start({
    CONVOKE_CONFIG: config,
    CONVOKE_SERVER__PORT: `${port}`,
    CONVOKE_RECORDINGS__ENABLED: 'false',
  });
  admin = await site.administrator();
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await site?.stop();
  await Promise.all([eu, us].map((server) => server?.stop()));
  await rm(folder, { recursive: true, force: true });
});

type LiveRoom = { region: string; site_room: { slug: string } | null };

async function regionOf(slug: string): Promise<string | undefined> {
  const { items } = await admin.must<{ items: LiveRoom[] }>('GET', '/api/livekit/rooms');
  return items.find(({ site_room }) => site_room?.slug === slug)?.region;
}

async function room(name: string): Promise<string> {
  return (await admin.must<{ slug: string }>('POST', '/api/rooms', { name })).slug;
}

/** Answers from this media server take long, as from the other side of the world. */
async function farFrom(person: Attendee, server: MediaServer): Promise<void> {
  await person.page.route(`${server.httpUrl}/`, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 250));
    await route.continue();
  });
}

test('an owner chooses a region, and people meet there', async () => {
  const slug = await room('Chosen');
  const ada = await Attendee.arrive(browser, site, 'Ada Admin', admin);
  await ada.open(`/${slug}/settings`);
  await ada.button(/Region of calls/).click();
  await ada.page.getByRole('option', { name: 'us', exact: true }).click();
  await ada.page.getByText('Saved').first().waitFor();
  const gus = await Attendee.arrive(browser, site, 'Gus Guest');
  await farFrom(gus, us);
  for (const person of [ada, gus]) await person.join(slug);
  await gus.seesAndHears();
  assert.equal(await regionOf(slug), 'us');
  await ada.open('/admin/live');
  await ada.page.getByText('in us').first().waitFor();
  await gus.leave();
  await ada.page.context().close();
  await gus.page.context().close();
});

test('the first page says what is nearest, and a killed region is left by those in it and those who come', async () => {
  const slug = await room('Nearest');
  const ada = await Attendee.arrive(browser, site, 'Ada Admin', admin);
  await farFrom(ada, eu);
  await ada.join(slug);
  assert.equal(await regionOf(slug), 'us');
  const gus = await Attendee.arrive(browser, site, 'Gus Guest');
  await farFrom(gus, us);
  await gus.join(slug);
  await gus.seesAndHears();
  assert.equal(await regionOf(slug), 'us');

  us.child.signal('SIGKILL');
  const late = await Attendee.arrive(browser, site, 'Lea Late');
  await late.join(slug);
  assert.equal(await regionOf(slug), 'eu');
  // Those who were in the call come after, by themselves.
  for (const person of [ada, gus]) await person.connected(90_000);
  await late.seesAndHears();
  await gus.seesAndHears();
  assert.equal(await regionOf(slug), 'eu');

  const looks = await Attendee.arrive(browser, site, 'Ada looks', admin);
  await looks.open('/admin');
  const region = looks.page.getByRole('listitem').filter({ hasText: us.wsUrl });
  await region.getByText('Down').waitFor();
});
