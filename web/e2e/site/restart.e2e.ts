// Two people in a call while the site beneath them is killed, stopped, started again and upgraded: no frozen second.
import assert from 'node:assert/strict';
import { copyFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Attendee } from '../harness/attendee.ts';
import { convokeBinary } from '../harness/binary.ts';
import { type Browser, launchBrowser } from '../harness/browser.ts';
import { Site } from '../harness/site.ts';

let browser: Browser;
let site: Site;

before(async () => {
  [browser, site] = await Promise.all([launchBrowser(), Site.start()]);
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

const EVERY = 200;

/** Counts the decoded frames of a page every 200 ms, in the page itself. */
async function count(person: Attendee): Promise<() => Promise<number[]>> {
  await person.page.evaluate((every) => {
    const page = window as unknown as { connections: RTCPeerConnection[]; counted: number[]; counting: number };
    page.counted = [];
    page.counting = window.setInterval(async () => {
      let frames = 0;
      for (const connection of page.connections) {
        for (const stat of (await connection.getStats()).values()) {
          if (stat.type === 'inbound-rtp') frames += stat.framesDecoded ?? 0;
        }
      }
      page.counted.push(frames);
    }, every);
  }, EVERY);
  return () =>
    person.page.evaluate(() => {
      const page = window as unknown as { counted: number[]; counting: number };
      window.clearInterval(page.counting);
      return page.counted;
    });
}

/** The longest time in which no frame came, in milliseconds. */
function longestPause(counted: number[]): number {
  let [pause, longest] = [0, 0];
  for (const [at, frames] of counted.entries()) {
    pause = at > 0 && frames <= counted[at - 1]! ? pause + EVERY : 0;
    longest = Math.max(longest, pause);
  }
  return longest;
}

test('no second of a call is frozen while the site is killed, stopped and upgraded', async (context) => {
  const admin = await site.administrator();
  const { slug } = await admin.must<{ slug: string }>('POST', '/api/rooms', { name: 'Steady' });
  const [ada, gus] = [await Attendee.arrive(browser, site, 'Ada Admin', admin), await Attendee.arrive(browser, site, 'Gus')];
  const upgraded = path.join(site.dataDir, 'another-convoke');
  try {
    for (const person of [ada, gus]) await person.join(slug);
    for (const person of [ada, gus]) await person.seesAndHears();
    const media = await site.mediaPids();
    assert.equal(media.length, 1);
    await copyFile(convokeBinary(), upgraded);
    for (const [what, act] of [
      ['killed', async () => (site.child.signal('SIGKILL'), site.startAgain())],
      ['restarted in order', () => site.restart()],
      ['stopped, and another program started', async () => (await site.child.stop(), site.startAgain(upgraded))],
    ] as const) {
      const counts = await Promise.all([count(ada), count(gus)]);
      await act();
      for (const person of [ada, gus]) {
        await person.connected(60_000);
        await person.seesAndHears();
      }
      for (const [who, counted] of (await Promise.all(counts.map((stop) => stop()))).entries()) {
        const pause = longestPause(counted);
        context.diagnostic(`${what}: of ${counted.length * EVERY} ms person ${who} saw nothing new for ${pause} ms at most`);
        assert.ok(counted.at(-1)! > counted[0]!, 'frames were counted');
        assert.ok(pause < 1000, `${what}: ${counted}`);
      }
      assert.deepEqual(await site.mediaPids(), media, what);
    }
    // The page's API and signal are there as well: what is said now is heard.
    await admin.must('PATCH', `/api/rooms/${slug}`, { name: 'Steady as ever' });
    const { items } = await admin.must<{ items: { attendances: { visits: number; left_at: number | null }[] }[] }>(
      'GET',
      `/api/rooms/${slug}/meetings`,
    );
    assert.equal(items.length, 1);
    assert.deepEqual(items[0]!.attendances.map(({ visits, left_at }) => [visits, left_at]), [[1, null], [1, null]]);
    // The new program's media server comes when nobody would notice.
    for (const person of [ada, gus]) await person.leave();
    const replaced = async () => {
      const [pid] = await site.mediaPids();
      return pid !== undefined && pid !== media[0] && (await fetch(`${site.url}/health/ready`)).ok;
    };
    await site.child.until('have another media server', replaced, 60_000);
  } finally {
    await ada.leave().catch(() => undefined);
    await gus.leave().catch(() => undefined);
    await rm(upgraded, { force: true });
  }
});
