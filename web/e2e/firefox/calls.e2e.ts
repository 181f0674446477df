// Firefox in calls with itself and with Chromium: it judges the same pages as Chromium does elsewhere.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Attendee } from '../harness/attendee.ts';
import { artefact, type Browser, launchBrowser } from '../harness/browser.ts';
import { FirefoxAttendee } from '../harness/firefox-attendee.ts';
import { type FirefoxBrowser, launchFirefox } from '../harness/firefox.ts';
import { Site, type Visitor } from '../harness/site.ts';

let firefox: FirefoxBrowser;
let chromium: Browser;
let site: Site;
let admin: Visitor;

before(async () => {
  [firefox, chromium, site] = await Promise.all([launchFirefox(), launchBrowser(), Site.start()]);
  admin = await site.administrator();
});
after(async () => {
  await firefox?.close();
  await chromium?.close();
  await site?.stop();
});

const newRoom = (name: string) =>
  admin.must<{ slug: string }>('POST', '/api/rooms', { name }).then(({ slug }) => slug);

async function killMedia(): Promise<void> {
  const [pid] = await site.mediaPids();
  assert.ok(pid);
  process.kill(pid, 'SIGKILL');
}

/** Everybody is thrown out of the running connection and is back within the page's own patience. */
async function comesBack(people: (Attendee | FirefoxAttendee)[]): Promise<number> {
  for (const person of people) await person.seesAndHears();
  const start = Date.now();
  await killMedia();
  await people[0]!.disturbed();
  for (const person of people) {
    await person.connected(40_000);
    await person.seesAndHears(40_000);
  }
  return Date.now() - start;
}

for (const mode of ['single', 'dual'] as const) {
  test(`two Firefox meet, are alike, and come back after kill -9 of the media server: ${mode}`, async (context) => {
    const slug = await newRoom(`Two Firefox, ${mode}`);
    const people: FirefoxAttendee[] = [];
    try {
      const ada = await FirefoxAttendee.arrive(firefox, site, 'Ada Admin', admin);
      people.push(ada);
      await ada.join(slug, mode);
      assert.equal(await ada.page.$('::-p-xpath(//button[normalize-space()="Turn sound on"])'), null);
      const ben = await FirefoxAttendee.arrive(firefox, site, 'Ben');
      people.push(ben);
      await ben.join(slug, mode);
      for (const [me, other] of [[ada, 'Ben'], [ben, 'Ada Admin']] as const) {
        await me.seesAndHears();
        await me.seesPictureOf(other);
      }
      const milliseconds = await comesBack(people);
      context.diagnostic(`media server killed: both Firefox saw and heard again after ${milliseconds} ms`);
      await ada.page.screenshot({ path: artefact(`firefox-two-${mode}.png`) as `${string}.png` });
    } finally {
      await Promise.all(people.map((person) => person.leave()));
    }
  });

  test(`Firefox and Chromium: chat, share, the kill, a kick: ${mode}`, async (context) => {
    const slug = await newRoom(`Mixed, ${mode}`);
    const ada = await Attendee.arrive(chromium, site, 'Ada Admin', admin);
    const fay = await FirefoxAttendee.arrive(firefox, site, 'Fay');
    try {
      await ada.join(slug, mode);
      await fay.join(slug, mode);
      await ada.seesAndHears();
      await fay.seesAndHears();
      await ada.seesPictureOf('Fay');
      await fay.seesPictureOf('Ada Admin');

      await ada.button(/^Chat/).click();
      await ada.page.getByLabel('Write a message').fill('Hello Fay');
      await ada.page.keyboard.press('Enter');
      await fay.press('Chat, 1 new message');
      await fay.sees('Hello Fay');
      await fay.write('Write a message', 'Hello Ada');
      await ada.page.getByRole('log').getByText('Hello Ada').waitFor();

      await ada.button('Share your screen').click();
      await fay.until('see the share', async () => ((await fay.tile('Ada Admin', 'screen_share'))?.width ?? 0) > 0);
      await ada.button('Stop sharing').click();
      await fay.until('see the share end', async () => (await fay.page.$('[data-source=screen_share]')) === null);

      const milliseconds = await comesBack([ada, fay]);
      context.diagnostic(`media server killed: Firefox and Chromium saw and heard again after ${milliseconds} ms`);

      await ada.button(/^Participants/).click();
      await ada.button('Actions for Fay').click();
      await ada.page.getByRole('menuitem', { name: 'Remove from call' }).click();
      await ada.page.locator('[role=dialog], [role=alertdialog]').getByRole('button', { name: 'Remove from call' }).click();
      await fay.sees('You were removed from the call');
    } finally {
      await Promise.all([ada.leave(), fay.leave()]);
    }
  });
}
