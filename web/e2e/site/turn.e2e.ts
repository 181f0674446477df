// A site that was told nothing has a TURN server, and says so to its pages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Attendee } from '../harness/attendee.ts';
import { launchBrowser } from '../harness/browser.ts';
import { paths, watchRelays } from '../harness/relays.ts';
import { Site } from '../harness/site.ts';

/** It has no TCP and takes no peers with private addresses. */
const skip = process.env.LIVEKIT_SERVER_BIN ? "livekit-server's TURN cannot be tested on one machine" : false;

test('people with no other way meet through the TURN server of the media server that the site started', { skip }, async () => {
  const site = await Site.start();
  const browser = await launchBrowser();
  try {
    const admin = await site.administrator();
    const { slug } = await admin.must<{ slug: string }>('POST', '/api/rooms', { name: 'Behind a wall' });
    const { turn } = await admin.must<{ turn: boolean }>('GET', '/api/connectivity');
    assert.equal(turn, true);
    for (const transport of ['udp', 'tcp'] as const) {
      const ada = await Attendee.arrive(browser, site, 'Ada Admin', admin);
      const guest = await Attendee.arrive(browser, site, 'Gus Guest');
      for (const person of [ada, guest]) {
        await watchRelays(person.page, transport, true);
        await person.join(slug);
      }
      for (const person of [ada, guest]) {
        await person.seesAndHears();
        for (const { type, relayProtocol } of await paths(person.page)) {
          assert.deepEqual([type, relayProtocol], ['relay', transport]);
        }
      }
      await Promise.all([ada, guest].map((person) => person.leave()));
    }
  } finally {
    await browser.close();
    await site.stop();
  }
});
