// Programs use the site as their LiveKit server: LiveKit's own SDKs, with a key that an administrator made on the page.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TokenSource } from 'livekit-client';
import { AccessToken, RoomServiceClient } from 'livekit-server-sdk';
import { Attendee } from '../harness/attendee.ts';
import { accessible } from '../harness/axe.ts';
import { BarePages } from '../harness/bare-page.ts';
import { type Browser, launchBrowser, screenshot } from '../harness/browser.ts';
import { Site, type Visitor } from '../harness/site.ts';

let browser: Browser;
let pages: BarePages;
let site: Site;
let admin: Visitor;

before(async () => {
  browser = await launchBrowser();
  [pages, site] = await Promise.all([BarePages.start(browser), Site.start()]);
  admin = await site.administrator();
});
after(async () => {
  await pages?.stop();
  await browser?.close();
  await site?.stop();
});

type Key = { id: string; key: string; secret: string };
const socket = () => site.url.replace('http', 'ws');

/** On the page, as somebody who forgets the name first. */
async function makeKey(name: string, rooms = ''): Promise<Key> {
  const ada = await Attendee.arrive(browser, site, 'Ada', admin);
  try {
    await ada.open('/admin/keys');
    await ada.page.getByRole('button', { name: 'New API key' }).click();
    await ada.page.getByRole('button', { name: 'Make key' }).click();
    await ada.page.getByLabel('Name').and(ada.page.locator('[aria-invalid=true]')).fill(name);
    if (rooms) await ada.page.getByLabel('Only these rooms').fill(rooms);
    await ada.page.getByRole('button', { name: 'Make key' }).click();
    const value = (label: string) => ada.page.getByRole('textbox', { name: label }).inputValue();
    const key = await value('LIVEKIT_API_KEY');
    const secret = await value('LIVEKIT_API_SECRET');
    assert.equal(await value('LIVEKIT_URL'), socket());
    await accessible(ada.page);
    await screenshot(ada.page, 'api-key-made');
    await ada.page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    await ada.page.getByText(key).waitFor();
    assert.equal(await ada.page.getByText(secret).count(), 0);
    const listed = await admin.must<{ items: (Key & { name: string })[] }>('GET', '/api/api-keys');
    return { id: listed.items.find((item) => item.key === key)!.id, key, secret };
  } finally {
    await ada.leave();
  }
}

async function token({ key, secret }: Key, identity: string, room: string): Promise<string> {
  const made = new AccessToken(key, secret, { identity, ttl: 600 });
  made.addGrant({ roomJoin: true, room });
  return made.toJwt();
}

test('a program makes rooms, and people of its own meet there until its key is revoked', async () => {
  const key = await makeKey('The classroom');
  const rooms = new RoomServiceClient(site.url, key.key, key.secret);
  await rooms.createRoom({ name: 'class', metadata: 'of a program' });
  assert.deepEqual((await rooms.listRooms()).map(({ name, metadata }) => [name, metadata]), [['class', 'of a program']]);

  const [ana, ben] = [await pages.open(), await pages.open()];
  try {
    await ana.join(socket(), await token(key, 'ana', 'class'), { mode: 'single' });
    await ben.join(socket(), await token(key, 'ben', 'class'), { mode: 'dual' });
    for (const page of [ana, ben]) await page.call('publish');
    await ana.untilFlowing('ben', 'camera');
    await ben.untilFlowing('ana', 'camera');
    const names = (await rooms.listParticipants('class')).map(({ identity }) => identity).sort();
    assert.deepEqual(names, ['ana', 'ben']);

    const revoker = await Attendee.arrive(browser, site, 'Ada', admin);
    await revoker.open('/admin/keys');
    await revoker.page.getByRole('searchbox', { name: 'Search by name or key' }).fill('no such key');
    await revoker.page.getByText('Nothing found.').waitFor();
    await revoker.page.getByRole('searchbox', { name: 'Search by name or key' }).fill('CLASS');
    await revoker.page.getByRole('button', { name: 'Actions for The classroom' }).click();
    await revoker.page.getByRole('menuitem', { name: 'Revoke' }).click();
    await revoker.page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click();
    const row = revoker.page.getByRole('row').filter({ hasText: 'The classroom' });
    await row.getByText('Revoked', { exact: true }).waitFor();
    await revoker.leave();

    await ana.until('sent out', () => ana.call<string>('state'), (state) => state === 'disconnected');
    await assert.rejects(rooms.listRooms(), /revoked/);
    const late = await pages.open();
    await assert.rejects(late.join(socket(), await token(key, 'late', 'class')));
    await late.close();
  } finally {
    await Promise.all([ana, ben].map((page) => page.close()));
  }
});

test('a key for some rooms sees and touches no others', async () => {
  const all = await makeKey('All rooms');
  const lab = await makeKey('The lab', 'lab-*, bench');
  await new RoomServiceClient(site.url, all.key, all.secret).createRoom({ name: 'board' });
  const rooms = new RoomServiceClient(site.url, lab.key, lab.secret);
  await rooms.createRoom({ name: 'lab-1' });
  await rooms.createRoom({ name: 'bench' });
  assert.deepEqual((await rooms.listRooms()).map(({ name }) => name).sort(), ['bench', 'lab-1']);
  for (const refused of [
    () => rooms.createRoom({ name: 'board2' }),
    () => rooms.deleteRoom('board'),
    () => rooms.listParticipants('board'),
    () => rooms.sendData('board', new Uint8Array([1]), 0, {}),
  ]) {
    await assert.rejects(refused(), /may not touch|limited to rooms/);
  }
});

/** Goes where a join link leads, and looks who is there; the second one with the same identity is the one who stays. */
async function meetByLink(link: string, room: string): Promise<void> {
  const eve = await Attendee.arrive(browser, site, 'Eve');
  try {
    await eve.page.goto(`${link.split('#')[0]}#nonsense`);
    await eve.page.getByRole('button', { name: 'Join' }).click();
    await eve.page.getByText(/The call could not be entered/).waitFor();
    await eve.page.goto('about:blank');
    await eve.page.goto(link);
    await eve.page.getByRole('button', { name: 'Join' }).click();
    await eve.page.getByRole('heading', { name: room }).waitFor();
    await eve.page.getByRole('button', { name: 'Turn camera on' }).click();
    await eve.page.locator('video').first().waitFor();
    // What nothing plays, Chromium does not decode.
    await eve.seesAndHears();
    await eve.page.locator('audio').first().waitFor({ state: 'attached' });
    await accessible(eve.page);
    await screenshot(eve.page, 'token-call');
    await eve.page.getByRole('button', { name: 'Leave' }).click();
    await eve.page.getByText('You are not in the call any more.').waitFor();
  } finally {
    await eve.leave();
  }
}

test('an administrator makes a token by hand and reads it', async () => {
  const key = await makeKey('By hand');
  const ada = await Attendee.arrive(browser, site, 'Ada', admin);
  try {
    await ada.open('/admin/tokens');
    const make = ada.page.getByRole('button', { name: 'Make a token' });
    await make.click();
    await ada.page.getByText('This is required.').waitFor();
    await ada.page.getByLabel('Room', { exact: true }).fill('by-hand');
    await ada.page.getByLabel('Identity').fill('eve');
    await make.click();
    await ada.page.getByText(/^Good until .* It is kept nowhere/).waitFor();
    const made = await ada.page.getByRole('textbox', { name: 'Token' }).first().inputValue();
    const eve = await pages.open();
    await eve.join(socket(), made);
    await ada.page.getByRole('img', { name: 'QR code of the link' }).waitFor();
    const mia = await pages.open();
    await mia.join(socket(), await token(key, 'mia', 'by-hand'));
    await mia.call('publish');
    await meetByLink(await ada.page.getByRole('textbox', { name: 'Link into the call' }).inputValue(), 'by-hand');
    await Promise.all([eve, mia].map((page) => page.close()));
    await ada.page.getByRole('textbox', { name: 'Token' }).last().fill(made);
    await ada.page.getByRole('button', { name: 'Read' }).click();
    await ada.page.getByText('This token is good. Its key is called By hand.').waitFor();
    assert.match((await ada.page.getByTestId('claims').textContent()) ?? '', /"room": "by-hand"/);
    await accessible(ada.page);
    await screenshot(ada.page, 'tokens');
    await ada.open('/admin/audit');
    await ada.page.getByRole('row').getByText('Token made').first().waitFor();
  } finally {
    await ada.leave();
  }
});

test("livekit-client's own token source gets its token here", async () => {
  const key = await makeKey('Token source');
  const headers = { Authorization: `Basic ${Buffer.from(`${key.key}:${key.secret}`).toString('base64')}` };
  const source = TokenSource.endpoint(`${site.url}/api/livekit/token`, { headers });
  const { serverUrl, participantToken } = await source.fetch({ roomName: 'class', participantName: 'Ana' });
  const ana = await pages.open();
  try {
    await ana.join(serverUrl, participantToken);
    const inside = await new RoomServiceClient(site.url, key.key, key.secret).listParticipants('class');
    assert.deepEqual(inside.map(({ name }) => name), ['Ana']);
  } finally {
    await ana.close();
  }
  const wrong = TokenSource.endpoint(`${site.url}/api/livekit/token`, { headers: { Authorization: 'Basic eDp5' } });
  await assert.rejects(wrong.fetch({ roomName: 'class' }), /401/);
});
