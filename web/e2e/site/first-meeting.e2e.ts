// From the link that the first start prints to the first meeting, as the README promises.
import { test } from 'node:test';
import { Attendee } from '../harness/attendee.ts';
import { launchBrowser, screenshot } from '../harness/browser.ts';
import { Site } from '../harness/site.ts';

test('the printed link makes the administrator, who makes a room and is joined by a guest', async () => {
  const site = await Site.start();
  const browser = await launchBrowser();
  const ada = await Attendee.arrive(browser, site, 'Ada Admin');
  const guest = await Attendee.arrive(browser, site, 'Gus Guest');
  try {
    const link = new URL(site.setupLink());
    await ada.open(link.pathname + link.search);
    await ada.page.getByLabel('Your name').fill('Ada Admin');
    await ada.page.getByLabel('E-mail').fill('admin@example.org');
    await ada.page.getByLabel('Password').fill('correct horse battery');
    await screenshot(ada.page, 'setup');
    await ada.button('Create administrator').click();
    await ada.button('New room').click();
    await ada.page.getByLabel('Room name').fill('First meeting');
    await ada.button('Create room').click();
    await ada.button('Join now').waitFor();
    await screenshot(ada.page, 'lobby');
    await ada.button('Join now').click();
    await ada.connected();
    await guest.join(new URL(ada.page.url()).pathname.slice(1));
    for (const [me, other] of [
      [ada, 'Gus Guest'],
      [guest, 'Ada Admin'],
    ] as const) {
      await me.seesAndHears();
      await me.seesPictureOf(other);
    }
    await screenshot(ada.page, 'first-meeting');
  } finally {
    await browser.close();
    await site.stop();
  }
});
