// A call is recorded and everybody knows; the film plays, is shared by a link, and is deleted.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Attendee } from '../harness/attendee.ts';
import { accessible } from '../harness/axe.ts';
import { type Browser, launchBrowser, type Locator, type Page, screenshot } from '../harness/browser.ts';
import { Site, type Visitor } from '../harness/site.ts';

let browser: Browser;
let site: Site;
let admin: Visitor;

let folder: string;
/** While it is there, no film gets further. */
const held = () => path.join(folder, 'held');

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'convoke-ffmpeg-'));
  const ffmpeg = path.join(folder, 'ffmpeg');
  await writeFile(ffmpeg, `#!/bin/sh\nwhile [ -e '${held()}' ]; do sleep 0.1; done\nexec ffmpeg "$@"\n`, { mode: 0o755 });
  const config = { CONVOKE_RECORDINGS__KEEP_TRACKS_DAYS: '1', CONVOKE_RECORDINGS__FFMPEG: ffmpeg };
  [browser, site] = await Promise.all([launchBrowser(), Site.start(config)]);
  admin = await site.administrator();
});
after(async () => {
  await browser?.close();
  await site?.stop();
  await rm(folder, { recursive: true, force: true });
});

type Room = { id: string; slug: string };
type Recording = { id: string; state: string; size: number | null };
const newRoom = (name: string) => admin.must<Room>('POST', '/api/rooms', { name });
const sign = ({ page }: Attendee) => page.getByTestId('recording-sign');

/** Runs `scene` with Ada, who records, and Gus, who is recorded, in a call of a fresh room. */
async function call(name: string, scene: (ada: Attendee, gus: Attendee, room: Room) => Promise<void>): Promise<void> {
  const room = await newRoom(name);
  const ada = await Attendee.arrive(browser, site, 'Ada Admin', admin);
  const gus = await Attendee.arrive(browser, site, 'Gus');
  try {
    await ada.join(room.slug);
    await gus.join(room.slug);
    await ada.seesPictureOf('Gus');
    await scene(ada, gus, room);
  } finally {
    await ada.leave();
    await gus.leave();
  }
}

async function choose({ page }: Attendee, item: string): Promise<void> {
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: item, exact: true }).click();
}

async function startAsAsked(ada: Attendee): Promise<void> {
  await ada.page.getByText(/owner and the moderators of this room.*can watch/).waitFor();
  await ada.button('Start recording').click();
  await ada.page.locator('[data-testid=recording-sign][data-state=on]').waitFor();
}

async function stop(ada: Attendee): Promise<void> {
  await choose(ada, 'Stop recording');
  await ada.page.getByRole('alertdialog').getByRole('button', { name: 'Stop recording' }).click();
}

/** The only recording of the room, once it is there. */
async function film(ada: Attendee, room: Room): Promise<Recording> {
  let found: Recording | undefined;
  await ada.until(
    'have a film',
    async () => {
      const path = `/api/rooms/${room.slug}/recordings`;
      const { items } = await admin.must<{ items: Recording[] }>('GET', path);
      assert.equal(items.length, 1);
      [found] = items;
      assert.ok(!['failed', 'aborted'].includes(found?.state ?? ''), JSON.stringify(found));
      return found?.state === 'completed';
    },
    60_000,
  );
  assert.ok(found);
  return found;
}

const DESKTOP = { width: 1280, height: 800 };

async function fitsPhone({ page }: Attendee): Promise<void> {
  await page.setViewportSize({ width: 360, height: 740 });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(overflow <= 0, `${overflow} px wider than the screen`);
}

/** It plays, its picture is not black, and it can be sought in. */
async function plays(person: Attendee, page: Page = person.page): Promise<void> {
  const video = page.locator('video');
  await video.waitFor();
  const at = () => video.evaluate((element: HTMLVideoElement) => element.currentTime);
  await video.evaluate((element: HTMLVideoElement) => {
    element.muted = true;
    return element.play();
  });
  await person.until('see the film go on', async () => (await at()) > 1);
  const bright = await video.evaluate((element: HTMLVideoElement) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 32, height: 18 });
    const context = canvas.getContext('2d');
    if (!context) return 0;
    context.drawImage(element, 0, 0, 32, 18);
    const { data } = context.getImageData(0, 0, 32, 18);
    return Math.max(...data.filter((_, index) => index % 4 !== 3));
  });
  assert.ok(bright > 60, `the brightest of the picture is ${bright}`);
  const { target, length } = await video.evaluate((element: HTMLVideoElement) => {
    element.pause();
    const target = element.duration - 1;
    element.currentTime = target;
    return { target, length: element.duration };
  });
  assert.ok(length > 3 && Number.isFinite(length), `a film of ${length} s`);
  await person.until('get where they seek to', () =>
    video.evaluate(
      (element: HTMLVideoElement, target) =>
        !element.seeking && element.readyState >= 2 && Math.abs(element.currentTime - target) < 0.5,
      target,
    ),
  );
}

test('everybody knows that a call is recorded, and the film plays, is shared and is deleted', () =>
  call('Recorded', async (ada, gus, room) => {
    await choose(ada, 'Record…');
    await ada.page.getByLabel('Keep it for (days)').fill('3');
    await accessible(ada.page);
    await screenshot(ada.page, 'recording-start');
    await startAsAsked(ada);
    const said = gus.page.getByText('This call is being recorded from now on.');
    await said.waitFor();
    await sign(gus).getByText('Recording', { exact: true }).waitFor();
    await gus.button('Leave the call').waitFor();
    await screenshot(gus.page, 'recording-begins');
    await accessible(gus.page);

    // Who comes later is told before, and inside.
    const late = await Attendee.arrive(browser, site, 'Late', undefined, { phone: true, dark: true });
    try {
      await late.open(`/${room.slug}`);
      await late.page.getByText('This call is being recorded. Who joins is in the recording.').waitFor();
      await accessible(late.page);
      await screenshot(late.page, 'recording-lobby');
      await late.join(room.slug);
      await sign(late).getByText('Recording', { exact: true }).waitFor();
      await late.page.getByText('This call is being recorded.', { exact: true }).waitFor();
      await accessible(late.page);
      await screenshot(late.page, 'recording-late');
      await late.button('Leave the call').click();
      await late.page.getByRole('heading', { name: 'You left the call' }).waitFor();
    } finally {
      await late.leave();
    }

    // Nobody else may stop it, and nobody can begin a second one.
    await gus.button('More').click();
    await gus.page.getByRole('menuitem', { name: 'Keyboard shortcuts' }).waitFor();
    assert.equal(await gus.page.getByRole('menuitem', { name: /ecord/ }).count(), 0);
    await gus.page.keyboard.press('Escape');

    // Long enough to seek in.
    await ada.page.waitForTimeout(5_000);
    await stop(ada);
    for (const person of [ada, gus]) {
      await person.page.getByText('This call is no longer recorded.').waitFor();
      await sign(person).waitFor({ state: 'detached' });
    }
    const recording = await film(ada, room);

    await ada.open('/recordings');
    const item = ada.page.getByRole('listitem').filter({ hasText: 'Recorded' });
    await item.getByText('Ready').waitFor();
    await item.getByText(/kept until/).waitFor();
    await isSeen(ada, item.locator('img'));
    await ada.page.getByRole('button', { name: /Newest first/ }).click();
    await ada.page.getByRole('option', { name: 'Longest first' }).click();
    await item.getByText('Ready').waitFor();
    await accessible(ada.page);
    await screenshot(ada.page, 'recordings');
    await fitsPhone(ada);
    await screenshot(ada.page, 'recordings-phone');
    await ada.page.setViewportSize(DESKTOP);
    await item.getByRole('link', { name: /^Play/ }).click();
    await ada.page.waitForURL(`**/recordings/${recording.id}`);
    assert.equal(await ada.page.locator('video').getAttribute('poster'), `/api/recordings/${recording.id}/poster`);
    await plays(ada);
    await accessible(ada.page);
    await screenshot(ada.page, 'recording-player');
    const zip = ada.page.waitForEvent('download');
    await ada.button('Tracks (ZIP)').click();
    const tracks = await readFile(await (await zip).path(), 'latin1');
    assert.ok(tracks.startsWith('PK') && tracks.includes('timeline.jsonl') && tracks.includes('.0.webm'));

    const link = await share(ada);
    await outsider(link, async (olga) => {
      await olga.page.getByText('This link asks for a password.').waitFor();
      await accessible(olga.page);
      await olga.page.getByLabel('Password').fill('wrong');
      await olga.button('Show the recording').click();
      await olga.page.getByText('This password is wrong.').waitFor();
      await olga.page.getByLabel('Password').fill(PASSWORD);
      await olga.button('Show the recording').click();
      await olga.page.locator('video[poster]').waitFor();
      await plays(olga);
      await accessible(olga.page);
      await screenshot(olga.page, 'recording-shared');
      const download = olga.page.waitForEvent('download');
      await olga.button(/^Download/).click();
      const file = await (await download).path();
      assert.equal((await stat(file)).size, recording.size);
    });

    await ada.open(`/${room.slug}/settings/recordings`);
    await ada.page.getByLabel('Days', { exact: true }).fill('30');
    await ada.button('Save').click();
    await ada.page.getByText('A new recording is kept for 30 days.').waitFor();
    await accessible(ada.page);
    await screenshot(ada.page, 'recordings-of-room');
    await ada.open(`/recordings/${recording.id}`);

    await ada.button('Delete').click();
    await ada.page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await ada.page.waitForURL('**/recordings');
    await ada.page.getByText('Nothing has been recorded yet.').waitFor();
    await outsider(link, async (olga) => {
      await olga.page.getByRole('heading', { name: 'This link does not work' }).waitFor();
      await accessible(olga.page);
    });
  }));

test('while a film is made a first version plays, and the room is recorded again', () =>
  call('Twice', async (ada, _gus, room) => {
    await choose(ada, 'Record…');
    await startAsAsked(ada);
    await ada.page.waitForTimeout(6_000);
    await writeFile(held(), '');
    const viewer = await ada.page.context().newPage();
    try {
      await stop(ada);
      await sign(ada).waitFor({ state: 'detached' });
      const { items } = await admin.must<{ items: Recording[] }>('GET', `/api/rooms/${room.slug}/recordings`);
      await viewer.goto(`${site.url}/recordings/${items[0]?.id}`);
      await viewer.getByText('Being prepared', { exact: true }).waitFor();
      // The recorder is asked four times a minute.
      await viewer.getByText(/first version, which shows who speaks/).waitFor({ timeout: 40_000 });
      await plays(ada, viewer);
      await accessible(viewer);
      await screenshot(viewer, 'recording-preview');

      await choose(ada, 'Record…');
      await startAsAsked(ada);
      await ada.page.waitForTimeout(1_000);
      await stop(ada);
    } finally {
      await rm(held());
    }
    await viewer.locator('video[src$="/media"]').waitFor({ timeout: 60_000 });
    await plays(ada, viewer);
    await viewer.close();
    await ada.until('have two films', async () => {
      const path = `/api/rooms/${room.slug}/recordings`;
      const { items } = await admin.must<{ items: Recording[] }>('GET', path);
      return items.length === 2 && items.every(({ state }) => state === 'completed');
    }, 60_000);
  }));

/** The browser knows it as a picture. */
async function isSeen(person: Attendee, picture: Locator): Promise<void> {
  await person.until('see the picture', () =>
    picture.evaluate((element: HTMLImageElement) => element.complete && element.naturalWidth > 0),
  );
}

const PASSWORD = 'open sesame';

/** Makes a link with a password by the page's dialog; its address. */
async function share(ada: Attendee): Promise<string> {
  await ada.button('Share…').click();
  await ada.page.getByText('No links yet.').waitFor();
  await ada.page.getByLabel('Password (optional)').fill(PASSWORD);
  await ada.page.getByText('They may download the film').click();
  await ada.button('Make the link').click();
  const link = (await ada.page.getByTestId('share-link').textContent()) ?? '';
  await ada.page.getByText(/with a password · with download · opened 0 times/).waitFor();
  await accessible(ada.page);
  await screenshot(ada.page, 'recording-share');
  await ada.page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  assert.ok(link.startsWith(`${site.url}/r/`), link);
  return link;
}

/** Runs `scene` with somebody who has the link, a phone and no account. */
async function outsider(link: string, scene: (olga: Attendee) => Promise<void>): Promise<void> {
  const olga = await Attendee.arrive(browser, site, 'Olga', undefined, { phone: true });
  try {
    await olga.open(new URL(link).pathname);
    await scene(olga);
  } finally {
    await olga.leave();
  }
}

test('a call that is not recorded says nothing of it, and sound alone can be recorded', () =>
  call('Sound', async (ada, gus, room) => {
    assert.equal(await sign(gus).count(), 0);
    await choose(ada, 'Record…');
    await ada.page.getByText('Sound only').click();
    await accessible(ada.page);
    await screenshot(ada.page, 'recording-start');
    await ada.button('Start recording').click();
    for (const person of [ada, gus]) await sign(person).getByText('Recording', { exact: true }).waitFor();
    await ada.page.waitForTimeout(3_000);
    // The call ends, and the recording with it.
    await ada.button('Leave').click();
    await ada.page.getByRole('menuitem', { name: 'End for everyone' }).click();
    await ada.page.getByRole('alertdialog').getByRole('button', { name: 'End for everyone' }).click();
    await gus.page.getByRole('heading', { name: 'The call has ended' }).waitFor();
    const { id } = await film(ada, room);
    await ada.open(`/${room.slug}/settings/recordings`);
    await ada.page.getByRole('link', { name: 'Sound', exact: true }).click();
    const audio = ada.page.locator(`audio[src="/api/recordings/${id}/media"]`);
    await audio.evaluate((element: HTMLAudioElement) => {
      element.muted = true;
      return element.play();
    });
    await ada.until('hear it go on', () => audio.evaluate((element: HTMLAudioElement) => element.currentTime > 1));
  }));
