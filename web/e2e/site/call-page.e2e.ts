// The page around a call, where people get stuck: the way in, the check, changed links, notices, many tabs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Attendee } from '../harness/attendee.ts';
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

type Room = { id: string; slug: string };
const newRoom = (name: string, more: Record<string, unknown> = {}) =>
  admin.must<Room>('POST', '/api/rooms', { name, ...more });

/** Runs `scene` with somebody in a browser of their own, which closes whatever happens. */
async function as(
  name: string,
  scene: (person: Attendee) => Promise<void>,
  account?: Visitor,
): Promise<void> {
  const person = await Attendee.arrive(browser, site, name, account);
  try {
    await scene(person);
  } finally {
    await person.leave();
  }
}

test('the connection check tests the whole way, without a room, and nobody sees it', () =>
  as('Ada Admin', async (ada) => {
    const { slug } = await newRoom('Checked');
    await ada.join(slug);
    const check = await ada.page.context().newPage();
    await check.goto(`${site.url}/connect`);
    await check.getByText('Everything needed for a call was tested and works from here.').waitFor();
    for (const name of ['websocket', 'media']) {
      await check.locator(`[data-check=${name}][data-look=good]`).waitFor();
    }
    await screenshot(check, 'connection-check');
    assert.equal(await ada.page.locator('[data-connection-state="connected"]').count(), 1);
    assert.equal(await ada.page.getByTestId('tile').count(), 1);
    const { items } = await admin.must<{ items: unknown[] }>('GET', `/api/rooms/${slug}/meetings`);
    assert.equal(items.length, 1);
    const overview = await admin.must('GET', '/api/admin/overview');
    assert.equal(overview.live_participants, 1);
    const sides = await admin.must<{ items: unknown[] }>('GET', `/api/rooms/${slug}/participants`);
    assert.equal(sides.items.length, 1);

    // Where nothing could be tested, nothing is said to work.
    await check.route('**/api/connectivity/check', (route) =>
      route.fulfill({ status: 503, json: { code: 'media_unavailable', detail: '' } }),
    );
    await check.getByRole('button', { name: 'Run again' }).click();
    await check.getByText('not everything could be tested').waitFor();
  }, admin));

test("a call works on when the room's link changes, and links in capitals lead in", () =>
  as('Ada Admin', async (ada) => {
    const { slug } = await newRoom('Moving');
    await ada.join(slug);
    await as('Gus', async (gus) => {
      // The link changes before Gus's page hears of events: its stream is slow.
      let hear = () => undefined as void;
      const heard = new Promise<void>((resolve) => (hear = resolve));
      await gus.page.addInitScript(() => Reflect.deleteProperty(window, 'SharedWorker'));
      await gus.page.route('**/api/events*', async (route) => {
        await heard;
        await route.continue();
      });
      await gus.open(`/${slug.toUpperCase()}`);
      await gus.page.getByLabel('Your name').fill('Gus');
      await gus.button('Join now').click();
      await gus.connected();
      await ada.tile('Gus').waitFor();
      const now = `moved-${slug}`;
      await admin.must('PATCH', `/api/rooms/${slug}`, { slug: now });
      for (const person of [ada, gus]) {
        await person.until('be at the new link', async () => person.page.url().endsWith(`/${now}`));
        hear();
      }
      await gus.button('Raise your hand').click();
      await ada.tile('Gus').getByText('Hand raised').waitFor({ state: 'attached' });
      await ada.button(/^Participants/).click();
      await ada.button('Mute everyone').click();
      await gus.button('Turn microphone on').waitFor();
      await ada.page.evaluate(() => {
        navigator.clipboard.writeText = async (text) => void (document.title = text);
      });
      await ada.button('Copy link').click();
      await ada.until('copy the new link', async () => (await ada.page.title()).endsWith(`/${now}`));
      await gus.page.reload();
      await gus.button('Join now').click();
      await gus.connected();
    });
  }, admin));

test('settings that are open go with the room to its new link, and keep what was typed', () =>
  as('Ada', async (ada) => {
    const { slug } = await newRoom('Moving');
    await ada.open(`/${slug}/settings/general`);
    await ada.page.getByLabel('Room name', { exact: true }).fill('Typed before');
    for (const now of [`moved-${slug}`, `again-${slug}`]) {
      const before = ada.page.url().split('/').at(-3);
      await admin.must('PATCH', `/api/rooms/${before}`, { slug: now });
      await ada.until('be at the new link', async () => ada.page.url().endsWith(`/${now}/settings/general`));
      assert.equal(await ada.page.getByLabel('Room name', { exact: true }).inputValue(), 'Typed before');
      await ada.page.getByText('does not exist').waitFor({ state: 'detached' });
    }
    await admin.must('DELETE', `/api/rooms/again-${slug}`);
    await ada.page.getByText('This does not exist any more').waitFor();
  }, admin));

test('a join that fails leaves the picture; who is refused is not asked for a camera', () =>
  as('Gus', async (gus) => {
    const { slug } = await newRoom('Door');
    let full = true;
    await gus.page.route('**/join', (route) =>
      full ? route.fulfill({ status: 409, json: { code: 'full', detail: '' } }) : route.continue(),
    );
    await gus.open(`/${slug}`);
    await gus.page.getByLabel('Your name').fill('Gus');
    const bright = () =>
      gus.page.locator('video').evaluate((video: HTMLVideoElement) => {
        const [track] = (video.srcObject as MediaStream | null)?.getVideoTracks() ?? [];
        return track?.readyState === 'live' && video.videoWidth > 0;
      });
    await gus.until('see themselves', bright);
    await gus.button('Join now').click();
    await gus.page.getByText('This room is full.').waitFor();
    await gus.until('still see themselves', bright);
    await screenshot(gus.page, 'lobby-after-failure');
    full = false;
    await gus.button('Join now').click();
    await gus.connected();
    await gus.seesPictureOf('Gus');

    const { slug: closed } = await newRoom('Closed', { access: 'private' });
    await gus.page.addInitScript(() => {
      const page = window as unknown as { asked: number };
      page.asked = 0;
      const { mediaDevices } = navigator;
      const original = mediaDevices.getUserMedia.bind(mediaDevices);
      mediaDevices.getUserMedia = (wanted) => {
        page.asked += 1;
        return original(wanted);
      };
    });
    await gus.open(`/${closed}`);
    await gus.page.getByText('This room is for its members. Sign in if you are one.').waitFor();
    assert.equal(await gus.page.evaluate(() => (window as unknown as { asked: number }).asked), 0);
    await screenshot(gus.page, 'lobby-refused');
  }));

test('comings, messages and rights are seen; a half-written message stays', () =>
  as('Ada Admin', async (ada) => {
    const { slug } = await newRoom('Notices');
    await ada.join(slug);
    await as('Gus', async (gus) => {
      await gus.join(slug);
      const notices = ada.page.getByRole('listitem', { includeHidden: true });
      await notices.getByText('Gus joined').waitFor();
      await gus.button('Chat').click();
      await gus.page.getByLabel('Write a message').fill('Hello, Ada');
      await gus.page.keyboard.press('Enter');
      await notices.getByText('Message from Gus: Hello, Ada').waitFor();
      await screenshot(ada.page, 'notices');
      await gus.page.getByLabel('Write a message').fill('half a mess');
      await gus.button('Close').click();
      await gus.button('Chat').click();
      assert.equal(await gus.page.getByLabel('Write a message').inputValue(), 'half a mess');

      const { items } = await admin.must<{ items: { identity: string; name: string }[] }>(
        'GET',
        `/api/rooms/${slug}/participants`,
      );
      const identity = items.find(({ name }) => name === 'Gus')?.identity;
      const rights = { audio: true, video: false, screen_share: true, chat: true };
      await admin.must('PUT', `/api/rooms/${slug}/participants/${identity}/permissions`, rights);
      await gus.page.getByText('A moderator decided that you may not use your camera.').waitFor();
      await admin.must('PUT', `/api/rooms/${slug}/participants/${identity}/permissions`, { ...rights, video: true });
      await gus.page.getByText('You may use your camera now.').waitFor();
    });
  }, admin));

test('reactions are seen without motion, and the name under one can be read on any picture', () =>
  as('Ada Admin', async (ada) => {
    const { slug } = await newRoom('Still');
    await ada.page.emulateMedia({ reducedMotion: 'reduce' });
    await ada.join(slug);
    await ada.button('React').click();
    await ada.button('React with 🎉').click();
    const reaction = ada.page.locator('b', { hasText: '🎉' });
    await reaction.waitFor();
    const look = await reaction.evaluate(async (element) => {
      await Promise.all(element.parentElement?.getAnimations().map(({ finished }) => finished) ?? []);
      const { opacity, translate } = getComputedStyle(element.parentElement as Element);
      return { opacity, translate };
    });
    assert.deepEqual(look, { opacity: '1', translate: 'none' });
    const name = ada.page.locator('b + small', { hasText: 'Ada Admin' });
    const { color, ground, size } = await name.evaluate((element) => {
      const { color, backgroundColor, fontSize } = getComputedStyle(element);
      const [red = 255, green = 255, blue = 255, alpha = 1] = (backgroundColor.match(/[\d.]+/g) ?? []).map(Number);
      // The brightest that can be below it.
      const ground = [red, green, blue].map((part) => part * alpha + 255 * (1 - alpha));
      return { color, ground, size: Number.parseFloat(fontSize) };
    });
    assert.equal(color, 'rgb(255, 255, 255)');
    assert.ok(Math.max(...ground) < 100, `white on ${ground} is hard to read`);
    assert.ok(size >= 13, `${size} px is small`);
    await screenshot(ada.page, 'reaction-still');
  }, admin));

test('a disabled account is told so, not that a moderator sent it out', async () => {
  const fired = await site.user('Fiona');
  const { id } = await fired.must<{ id: string }>('GET', '/api/auth/me');
  const { slug } = await newRoom('Leaving');
  await as('Fiona', async (fiona) => {
    await fiona.join(slug);
    await admin.must('PATCH', `/api/users/${id}`, { disabled: true });
    await fiona.page.getByRole('heading', { name: 'Your account was closed' }).waitFor();
    await screenshot(fiona.page, 'account-closed');
  }, fired);
});

test("a moderator's tools come and go with the role", async () => {
  const gina = await site.user('Gina');
  const { id, email } = await gina.must<{ id: string; email: string }>('GET', '/api/auth/me');
  const { slug } = await newRoom('Roles');
  const members = `/api/rooms/${slug}/members`;
  await as('Gina', async (gina) => {
    await gina.join(slug);
    await gina.button(/^Participants/).click();
    const tools = gina.page.getByText('Lock the room');
    assert.equal(await tools.count(), 0);
    await admin.must('POST', members, { email, role: 'moderator' });
    await tools.waitFor();
    await admin.must('PATCH', `${members}/${id}`, { role: 'member' });
    await tools.waitFor({ state: 'detached' });
  }, gina);
});

test('eight tabs of one browser share one stream of events, and the last tab that is open keeps it', () =>
  as('Ada Admin', async (ada) => {
    const { slug } = await newRoom('Tabs');
    const context = ada.page.context();
    let streams = 0;
    context.on('request', (request) => {
      if (request.url().includes('/api/events')) streams += 1;
    });
    const tabs = [ada.page];
    await ada.open('/');
    for (let i = 1; i < 8; i += 1) {
      const tab = await context.newPage();
      tab.setDefaultTimeout(10_000);
      await tab.goto(`${site.url}/${i === 7 ? slug : ''}`);
      const status = await tab.evaluate(() => fetch('/api/site').then((answer) => answer.status));
      assert.equal(status, 200);
      tabs.push(tab);
    }
    assert.ok(streams <= 2, `${streams} streams were opened by pages`);
    const last = tabs.pop()!;
    await last.getByRole('heading', { name: 'Tabs' }).waitFor();
    await admin.must('PATCH', `/api/rooms/${slug}`, { name: 'Renamed once' });
    await last.getByRole('heading', { name: 'Renamed once' }).waitFor();
    await tabs[2]!.getByText('Renamed once').first().waitFor();
    await Promise.all(tabs.map((tab) => tab.close()));
    await admin.must('PATCH', `/api/rooms/${slug}`, { name: 'Renamed twice' });
    await last.getByRole('heading', { name: 'Renamed twice' }).waitFor();
  }, admin));
