// What a real call leaves behind: the overview's charts move by themselves, and its people's quality can be looked up.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Attendee } from '../harness/attendee.ts';
import { accessible } from '../harness/axe.ts';
import { type Browser, launchBrowser, screenshot } from '../harness/browser.ts';
import { Site, type Visitor } from '../harness/site.ts';

const TOKEN = 'a-token-for-prometheus';
let browser: Browser;
let site: Site;
let admin: Visitor;

before(async () => {
  browser = await launchBrowser();
  site = await Site.start({ CONVOKE_METRICS__BEARER_TOKEN: TOKEN });
  admin = await site.administrator();
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

/** One number of what Prometheus is told. */
async function metric(name: string): Promise<number> {
  const answer = await fetch(`${site.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
  const line = (await answer.text()).split('\n').find((line) => line.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1));
}

test('a call moves the charts of the overview, and its quality is shown to who moderates', async () => {
  const { slug } = await admin.must<{ slug: string }>('POST', '/api/rooms', { name: 'Standup' });
  const [ben, cleo, ada] = await Promise.all([
    Attendee.arrive(browser, site, 'Ben'),
    Attendee.arrive(browser, site, 'Cleo'),
    Attendee.arrive(browser, site, 'Ada', admin),
  ]);
  try {
    await ada.open('/admin/overview?range=1h');
    const people = ada.page.getByRole('figure', { name: 'People and rooms' });
    await people.getByText('Nothing went on.').waitFor({ state: 'attached' });
    const before = await metric('convoke_media_datagram_bytes_total{direction="in"}');
    await Promise.all([ben.join(slug), cleo.join(slug)]);
    await ben.seesPictureOf('Cleo');
    const came = Date.now();

    // Nothing is pressed: the page looks again by itself.
    await people.getByRole('cell', { name: '2', exact: true }).first().waitFor({ state: 'attached', timeout: 60_000 });
    const traffic = ada.page.getByRole('figure', { name: 'Media', exact: true });
    await traffic.getByRole('cell', { name: /[kM]b/ }).first().waitFor({ state: 'attached', timeout: 60_000 });
    const figure = (name: string) =>
      ada.page.locator('dl > div', { has: ada.page.getByText(name, { exact: true }) }).locator('dd');
    assert.equal(await figure('Connections that got through').textContent(), '100%');
    assert.equal(await figure('Connections').textContent(), '2');
    const browsers = ada.page.getByRole('region', { name: 'Browsers' });
    await browsers.getByText('Chrome').waitFor();
    await ada.page.getByRole('region', { name: 'Systems' }).getByText('Linux').waitFor();
    await ada.page.getByText(/^\d+(\.\d)? ms$/).waitFor();
    assert.ok((await metric('convoke_media_datagram_bytes_total{direction="in"}')) > before);
    assert.equal(await metric('convoke_live_people'), 2);
    assert.ok((await metric('convoke_media_tracks_published{kind="video"}')) >= 2);
    await accessible(ada.page);
    await people.scrollIntoViewIfNeeded();
    await screenshot(ada.page, 'admin-overview');
    await people.getByRole('button', { name: 'Show as table' }).click();
    await people.getByRole('row').nth(1).waitFor();
    await ada.page.getByRole('button', { name: /Time/ }).click();
    await ada.page.getByRole('option', { name: 'Last 7 days' }).click();
    await ada.page.waitForURL(/range=7d/);
    await people.getByRole('cell', { name: '2', exact: true }).first().waitFor({ state: 'attached' });

    // Three measurements and a report.
    await ben.page.waitForTimeout(Math.max(0, 42_000 - (Date.now() - came)));
    await ben.page.getByRole('button', { name: 'Leave' }).first().click();
    await ben.page.getByText('You left the call').waitFor();
    await ada.open('/admin/overview?range=1h');
    await ada.page.getByRole('region', { name: 'Why people left' }).getByText('left by themselves').waitFor();
    await ada.page.getByRole('region', { name: 'How media travelled' }).getByText('UDP').waitFor();

    await ada.open(`/${slug}/settings/meetings`);
    await ada.page.getByRole('button', { name: 'Quality of Ben' }).click();
    const dialog = ada.page.getByRole('dialog', { name: 'Quality of Ben' });
    const events = dialog.getByRole('list', { name: 'What happened' });
    await events.getByText('Media goes over UDP').waitFor();
    await events.getByText('Left: left by themselves').waitFor();
    // What Ben's page measured of itself, and what the media server saw of it.
    for (const [by, least] of [['As their own page measured it', 4], ['As the media server counted it', 3]] as const) {
      const half = dialog.getByRole('region', { name: by, exact: true });
      await half.locator('canvas').nth(2).waitFor();
      await half.locator('summary').click();
      const rows = half.getByRole('row');
      assert.ok((await rows.count()) >= least, `${by}: ${await rows.count()} rows`);
      const numbers = await rows.nth(2).getByRole('cell').allTextContents();
      assert.match(numbers[4] ?? '', /[kM]b/, `${by}: ${numbers}`);
      assert.match(numbers[5] ?? '', /[kM]b/, `${by}: ${numbers}`);
    }
    await screenshot(ada.page, 'quality-of-a-person');
    await accessible(ada.page);
    await ada.page.keyboard.press('Escape');

    // Who is still inside is looked up from the live room.
    const { id } = await admin.must<{ id: string }>('GET', `/api/rooms/${slug}`);
    await ada.open(`/admin/live/${id}`);
    await ada.page.getByRole('button', { name: 'Actions for Cleo' }).click();
    await ada.page.getByRole('menuitem', { name: 'Quality' }).click();
    const live = ada.page.getByRole('dialog', { name: 'Quality of Cleo' });
    await live.getByText('Media goes over UDP').waitFor();
    await live.locator('canvas').first().waitFor();
  } finally {
    await Promise.all([ben, cleo, ada].map((who) => who.page.context().close()));
  }
});
