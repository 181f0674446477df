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

/** Milliseconds of the clock, frames that came from the other and frames that went to them, so far. */
type Sample = [at: number, came: number, went: number];

/** Counts the frames of a page every 200 ms, in the page itself. */
async function count(person: Attendee): Promise<() => Promise<Sample[]>> {
  await person.page.evaluate((every) => {
    const page = window as unknown as { connections: RTCPeerConnection[]; counted: Sample[]; counting: number };
    page.counted = [];
    page.counting = window.setInterval(async () => {
      const sample: Sample = [Date.now(), 0, 0];
      for (const connection of page.connections) {
        for (const stat of (await connection.getStats()).values()) {
          if (stat.type === 'inbound-rtp') sample[1] += stat.framesReceived ?? 0;
          if (stat.type === 'outbound-rtp') sample[2] += stat.framesSent ?? 0;
        }
      }
      page.counted.push(sample);
    }, every);
  }, EVERY);
  return () =>
    person.page.evaluate(() => {
      const page = window as unknown as { counted: Sample[]; counting: number };
      window.clearInterval(page.counting);
      return page.counted;
    });
}

/** The longest time, in milliseconds, in which nothing came though the other sent. */
function longestPause(mine: Sample[], others: Sample[]): number {
  const sentBy = (moment: number) => others.findLast(([at]) => at <= moment)?.[2] ?? 0;
  let longest = 0;
  let [[since, came]] = mine as [Sample];
  for (const [at, frames] of mine) {
    if (frames > came) [since, came] = [at, frames];
    // What was sent in the last moment may be on its way.
    else if (sentBy(at - EVERY) - sentBy(since) > 5) longest = Math.max(longest, at - since);
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
      const [adas, guss] = (await Promise.all(counts.map((stop) => stop()))) as [Sample[], Sample[]];
      for (const [mine, others] of [[adas, guss], [guss, adas]] as const) {
        const [first, last] = [mine[0]!, mine.at(-1)!];
        const pause = longestPause(mine, others);
        context.diagnostic(`${what}: ${last[1] - first[1]} frames in ${last[0] - first[0]} ms, none for ${pause} ms at most`);
        assert.ok(last[1] > first[1], 'frames were counted');
        assert.ok(pause < 1000, `${what}: ${JSON.stringify([mine, others])}`);
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
