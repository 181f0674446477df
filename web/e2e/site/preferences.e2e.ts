// What somebody prefers holds on each of their devices, and stays with them when somebody else signs in there.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Attendee } from '../harness/attendee.ts';
import { accessible } from '../harness/axe.ts';
import { type Browser, launchBrowser, screenshot } from '../harness/browser.ts';
import { Site, type Visitor } from '../harness/site.ts';

let browser: Browser;
let site: Site;
let admin: Visitor;

before(async () => {
  [browser, site] = await Promise.all([launchBrowser(), Site.start()]);
  admin = await site.administrator();
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

const themeOf = ({ page }: Attendee) => page.evaluate(() => document.documentElement.dataset.theme);

test('language, theme, time zone and rows follow an account, and leave with it', async () => {
  for (let number = 0; number < 25; number++) {
    await admin.must('POST', '/api/rooms', { name: `Room ${number}` });
  }
  const desk = await Attendee.arrive(browser, site, 'Desk', admin);
  const phone = await Attendee.arrive(browser, site, 'Phone', admin);
  try {
    await desk.open('/account');
    const choose = async (label: string, option: string) => {
      await desk.page.getByRole('button', { name: label }).click();
      const saved = desk.page.waitForResponse(
        (response) => response.url().endsWith('/api/preferences') && response.request().method() === 'PATCH',
      );
      await desk.page.getByRole('option', { name: option, exact: true }).click();
      assert.equal((await saved).status(), 200);
    };
    await choose('Rows of a list', '20 rows');
    await choose('Time zone', 'New York (America)');
    await choose('Time zone', 'Kiritimati (Pacific)');
    await choose('Theme', 'Dark');
    await desk.page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
    await accessible(desk.page);
    await screenshot(desk.page, 'account-preferences');
    await choose('Language', 'Français');
    await desk.page.getByRole('heading', { name: 'Votre compte' }).waitFor();

    await phone.open('/account');
    await phone.page.getByRole('heading', { name: 'Votre compte' }).waitFor();
    assert.equal(await themeOf(phone), 'dark');
    await phone.open('/admin/rooms');
    await phone.page.getByRole('row').nth(20).waitFor();
    assert.equal(await phone.page.getByRole('row').count(), 21, 'a head and 20 rows');
    // The island is half a day ahead of the world's clock, whatever day it is here.
    const day = new Intl.DateTimeFormat('fr', { dateStyle: 'medium', timeZone: 'Pacific/Kiritimati' }).format();
    await phone.page.getByText(day).first().waitFor();

    // The menu on a device is the same preference.
    await phone.page.getByRole('button', { name: 'Apparence' }).click();
    const kept = phone.page.waitForResponse((response) => response.url().endsWith('/api/preferences'));
    await phone.page.getByRole('menuitemradio', { name: 'English' }).click();
    await kept;
    await desk.open('/account');
    await desk.page.getByRole('heading', { name: 'Your account' }).waitFor();
    await choose('Time zone', 'As this device says (UTC)');

    await phone.open('/account');
    await phone.page.getByRole('button', { name: /Account menu of/ }).click();
    await phone.page.getByRole('menuitem', { name: 'Sign out' }).click();
    await phone.page.getByRole('link', { name: 'Sign in' }).first().waitFor();
    // The next one at this device sees it as the device itself says.
    assert.equal(await themeOf(phone), undefined);
    const left = await phone.page.evaluate(() => ['convoke.time-zone', 'convoke.page-size', 'convoke.account.theme', 'convoke.account.language'].map((key) => localStorage.getItem(key)));
    assert.deepEqual(left, [null, null, null, null]);
  } finally {
    await Promise.all([desk.leave(), phone.leave()]);
  }
});
