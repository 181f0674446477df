// Settings that hold at once: an administrator errs, changes, sees it hold for everybody, over a restart too, and gives it back.
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
  [browser, site] = await Promise.all([launchBrowser(), Site.start({ CONVOKE_AUTH__REGISTRATION: 'open' })]);
  admin = await site.administrator();
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

test('a name, seats and registration change while the site runs, and the configuration gets them back', async () => {
  const ada = await Attendee.arrive(browser, site, 'Ada', admin);
  const eve = await Attendee.arrive(browser, site, 'Eve');
  try {
    await ada.open('/admin/settings');
    const save = ada.page.getByRole('button', { name: 'Save' });
    const seats = ada.page.getByLabel('Most people in a call of a new room');
    await seats.fill('10001');
    await save.click();
    await seats.and(ada.page.locator('[aria-invalid=true]')).fill('7');
    await ada.page.getByLabel('Name of the site').fill('The Lab');
    await ada.page.getByRole('button', { name: /Who may have an account/ }).click();
    await ada.page.getByRole('option', { name: 'Nobody more' }).click();
    await save.click();
    await ada.page.getByText(/Goes before auth.registration \(open\)/).waitFor();
    await ada.page.getByRole('link', { name: 'The Lab' }).waitFor();
    await accessible(ada.page);
    await screenshot(ada.page, 'admin-settings');

    await eve.open('/sign-in');
    await eve.page.waitForFunction(() => document.title.endsWith('The Lab'));
    assert.equal(await eve.page.getByRole('link', { name: 'Create an account' }).count(), 0);
    const room = await admin.must<{ max_participants: number }>('POST', '/api/rooms', { name: 'Small' });
    assert.equal(room.max_participants, 7);

    await site.restart();
    await ada.open('/admin/configuration');
    await ada.page.getByRole('region', { name: 'rooms' }).getByText('Settings', { exact: true }).waitFor();
    await ada.open('/admin/settings');
    await ada.page.getByRole('button', { name: 'Give back auth.registration to the configuration' }).click();
    await ada.page.getByText('As auth.registration says.').waitFor();
    await eve.open('/sign-in');
    await eve.page.getByRole('link', { name: 'Create an account' }).waitFor();
  } finally {
    await Promise.all([ada.leave(), eve.leave()]);
  }
});
