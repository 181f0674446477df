// Two and four unmodified livekit-client pages see and hear each other through the media server.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { BarePages } from '../harness/bare-page.ts';
import { type Browser, launchBrowser, screenshot } from '../harness/browser.ts';
import { MediaServer } from '../harness/media-server.ts';

let browser: Browser;
let server: MediaServer;
let pages: BarePages;

before(async () => {
  browser = await launchBrowser();
  server = await MediaServer.start();
  pages = await BarePages.start(browser);
});
after(async () => {
  await pages?.stop();
  await browser?.close();
  await server?.stop();
});

for (const mode of ['single', 'dual'] as const) {
  describe(`in ${mode} peer connection mode`, () => {
    for (const count of [2, 4]) {
      test(`${count} pages exchange video and audio`, async () => {
        const room = `exchange-${mode}-${count}`;
        const people = await Promise.all(
          Array.from({ length: count }, async (_, i) => ({ identity: `p${i}`, page: await pages.open() })),
        );
        try {
          for (const { identity, page } of people) {
            await page.join(server.wsUrl, await server.token(identity, room), { mode });
            await page.call('publish');
          }
          for (const { identity, page } of people) {
            for (const other of people.filter((p) => p.identity !== identity)) {
              await page.untilFlowing(other.identity, 'camera');
              await page.untilFlowing(other.identity, 'microphone');
              await page.until(
                `the picture of ${other.identity} is not black`,
                () => page.call<number>('picture', other.identity, 'camera'),
                (share) => share > 0.5,
              );
            }
          }
          await screenshot(people[0]!.page.page, `media-${mode}-${count}`);
        } finally {
          await Promise.all(people.map(({ page }) => page.close()));
        }
      });
    }

    test('pages of both modes meet in one room', async () => {
      const other = mode === 'single' ? 'dual' : 'single';
      const [a, b] = [await pages.open(), await pages.open()];
      try {
        await a.join(server.wsUrl, await server.token('a', `mixed-${mode}`), { mode });
        await a.call('publish');
        await b.join(server.wsUrl, await server.token('b', `mixed-${mode}`), { mode: other });
        await b.call('publish');
        await a.untilFlowing('b', 'camera');
        await b.untilFlowing('a', 'camera');
        await b.untilFlowing('a', 'microphone');
        assert.equal(await a.call('state'), 'connected');
      } finally {
        await a.close();
        await b.close();
      }
    });
  });
}
