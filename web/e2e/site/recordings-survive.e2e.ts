// A recording goes on through everything that is killed or restarted beneath it, and is one whole film in the end.
import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Attendee } from '../harness/attendee.ts';
import { type Browser, launchBrowser } from '../harness/browser.ts';
import { probe } from '../harness/egress.ts';
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

type Recording = { id: string; state: string; ending: string | null };

/** Track files of the one recording that the recorder has. */
async function segments(): Promise<string[]> {
  const egresses = path.join(site.dataDir, 'egress');
  const [id] = (await readdir(egresses)).filter((name) => name.startsWith('EG_'));
  return id ? readdir(path.join(egresses, id, 'tracks')) : [];
}

/** Bytes in them. */
async function recorded(): Promise<number> {
  const egresses = path.join(site.dataDir, 'egress');
  const [id] = (await readdir(egresses)).filter((name) => name.startsWith('EG_'));
  const sizes = (await segments()).map(async (name) => (await stat(path.join(egresses, id!, 'tracks', name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

test('a recording goes on when the media server is killed, when Convoke is killed, and when it is restarted', async () => {
  const admin = await site.administrator();
  const { slug } = await admin.must<{ slug: string }>('POST', '/api/rooms', { name: 'Tough' });
  const [ada, gus] = [await Attendee.arrive(browser, site, 'Ada Admin', admin), await Attendee.arrive(browser, site, 'Gus')];
  try {
    await ada.join(slug);
    await gus.join(slug);
    await ada.seesPictureOf('Gus');
    const recordings = `/api/rooms/${slug}/recordings`;
    const { id } = await admin.must<Recording>('POST', recordings, { layout: 'single-speaker' });
    await ada.until('have all tracks recorded', async () => (await segments()).length === 4);
    const before = (await segments()).length;
    for (const pid of await site.mediaPids()) process.kill(pid, 'SIGKILL');
    const again = async () => (await segments()).length >= before + 4;
    await ada.until('be recorded again after the media server was killed', again, 60_000);
    // Both are wholly back: a page that is cut off half-way joins anew, with tracks of other names.
    for (const person of [ada, gus]) {
      await person.connected(60_000);
      await person.seesAndHears(60_000);
    }
    // The site is nobody whom a recording needs: the same process goes on with the same files.
    const [recorder, files] = [await site.recorderPids(), await segments()];
    for (const [what, act] of [
      ['Convoke is killed', async () => (site.child.signal('SIGKILL'), site.startAgain())],
      ['Convoke is restarted', () => site.restart()],
    ] as const) {
      const size = await recorded();
      await act();
      await ada.until(`be recorded after ${what}`, async () => (await recorded()) > size, 60_000);
      await ada.connected(60_000);
      await ada.seesAndHears(60_000);
    }
    assert.deepEqual(await site.recorderPids(), recorder);
    // livekit-client may still owe a new connection from the media server's death, and makes it when its signal is cut again.
    const now = await segments();
    assert.deepEqual(files.filter((name) => !now.includes(name)), []);
    await admin.must('POST', `/api/recordings/${id}/stop`);
    let seen: Recording | undefined;
    const ended = async () => {
      const { items } = await admin.must<{ items: Recording[] }>('GET', recordings);
      assert.equal(items.length, 1);
      [seen] = items;
      return seen?.state === 'completed';
    };
    await ada.until('have a film', ended, 90_000).catch((error) => {
      throw new Error(`${error}\n${JSON.stringify(seen)}`);
    });
    assert.equal(seen?.ending, 'stopped');
    const folder = path.join(site.dataDir, 'recordings');
    const films = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.webm'));
    assert.equal(films.length, 1);
    const { seconds, streams } = await probe(path.join(folder, films[0]!));
    assert.ok(seconds > 6, `${seconds} s`);
    assert.deepEqual(streams.map(({ codec_name }) => codec_name), ['vp8', 'opus']);
    // Only now may the recorder forget its own.
    await ada.until('be forgotten by the recorder', async () => (await segments()).length === 0);
  } finally {
    await ada.leave();
    await gus.leave();
  }
});
