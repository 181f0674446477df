// Streams in: an administrator makes a stream, a browser publishes with its key as OBS would, people see it, and deleting ends it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AccessToken, IngressClient, IngressInput } from 'livekit-server-sdk';
import { Attendee } from '../harness/attendee.ts';
import { accessible } from '../harness/axe.ts';
import { BarePages } from '../harness/bare-page.ts';
import { type Browser, launchBrowser, screenshot } from '../harness/browser.ts';
import { Encoder } from '../harness/encoder.ts';
import { freeTcpPort } from '../harness/ports.ts';
import { Site, type Visitor } from '../harness/site.ts';

let browser: Browser;
let pages: BarePages;
let site: Site;
let admin: Visitor;
let rtmpPort: number;

before(async () => {
  browser = await launchBrowser();
  rtmpPort = await freeTcpPort();
  const rtmp = { CONVOKE_LIVEKIT__INGRESS__RTMP_PORT: `${rtmpPort}` };
  [pages, site] = await Promise.all([BarePages.start(browser), Site.start(rtmp)]);
  admin = await site.administrator();
});
after(async () => {
  await pages?.stop();
  await browser?.close();
  await site?.stop();
});

type Said = { status: number; said: string; location: string };
const newRoom = (name: string) => admin.must<{ slug: string }>('POST', '/api/rooms', { name });

test('a stream is made on the page, seen in the room while its key is used, and deleted with its publisher', async () => {
  const { slug } = await newRoom('Auditorium');
  const ada = await Attendee.arrive(browser, site, 'Ada', admin);
  const ben = await Attendee.arrive(browser, site, 'Ben', admin);
  const encoder = await pages.open();
  try {
    await ada.open('/admin/streaming');
    await ada.page.getByText('There is no stream.').waitFor();
    // As somebody who forgets what is needed first.
    await ada.page.getByRole('button', { name: 'New stream', exact: true }).click();
    await ada.page.getByRole('button', { name: 'Make stream' }).click();
    await ada.page.getByLabel('Name', { exact: true }).and(ada.page.locator('[aria-invalid=true]')).fill('Stage');
    await ada.page.getByLabel('Room', { exact: true }).fill(slug);
    await ada.page.getByLabel('Name in the call').fill('Camera one');
    await ada.page.getByRole('button', { name: 'Make stream' }).click();
    const value = (label: string) => ada.page.getByRole('textbox', { name: label }).inputValue();
    const [url, key] = [await value('Address'), await value('Stream key')];
    assert.equal(url, `${site.url}/w`);
    await accessible(ada.page);
    await screenshot(ada.page, 'stream-made');
    await ada.page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    const item = ada.page.getByRole('listitem').filter({ hasText: 'Stage' });
    await item.getByText('Not publishing').waitFor();
    assert.equal(await ada.page.getByText(key).count(), 0);

    await ben.join(slug);
    const refused = await encoder.call<Said>('whip', url, 'not-a-key');
    assert.equal(refused.status, 404, refused.said);
    const said = await encoder.call<Said>('whip', url, key);
    assert.equal(said.status, 201, said.said);
    assert.ok(said.location.startsWith(`${site.url}/w/`), said.location);
    await ben.seesPictureOf('Camera one');
    await item.getByText('Publishing', { exact: true }).waitFor();
    await accessible(ada.page);
    await screenshot(ada.page, 'stream-publishing');

    // It is changed while it goes on: what is wrong first, then what is right, and the encoder stays.
    const dialog = ada.page.getByRole('dialog');
    const change = async (name: string) => {
      await ada.page.getByRole('button', { name: `More for ${name}` }).click();
      await ada.page.getByRole('menuitem', { name: 'Change…' }).click();
      return (label: string) => dialog.getByRole('textbox', { name: label, exact: true });
    };
    let field = await change('Stage');
    await dialog.getByText(/goes on as before/).waitFor();
    assert.equal(await field('Room').inputValue(), slug);
    await field('Name').fill('');
    await field('Room').fill('');
    await dialog.getByRole('button', { name: 'Save' }).click();
    assert.equal(await dialog.getByText('This is required.').count(), 2);
    await field('Name').fill('Balcony');
    await field('Room').fill('hall');
    await field('Name in the call').fill('Camera two');
    await field('Identity in the call').fill('n'.repeat(300));
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('This is not valid.').waitFor();
    await field('Identity in the call').fill('camera-2');
    await accessible(ada.page);
    await screenshot(ada.page, 'stream-changed');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await ada.page.getByRole('listitem').filter({ hasText: 'Balcony' }).getByText('hall').waitFor();
    await ben.seesPictureOf('Camera one');
    // Back where it was, and off: no encoder may begin any more.
    field = await change('Balcony');
    await field('Name').fill('Stage');
    await field('Room').fill(slug);
    await dialog.getByText('Encoders may publish with its key').click();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await item.getByText('Switched off').waitFor();
    const list = await admin.must<{ items: Record<string, unknown>[] }>('GET', '/api/ingress');
    const { participant_name, participant_identity, enabled } = list.items[0] ?? {};
    assert.deepEqual([participant_name, participant_identity, enabled], ['Camera two', 'camera-2', false]);
    assert.equal((await encoder.call<Said>('whip', url, key)).status, 403);

    await ada.page.getByRole('button', { name: 'More for Stage' }).click();
    await ada.page.getByRole('menuitem', { name: 'Delete' }).click();
    await ada.page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await ada.page.getByText('There is no stream.').waitFor();
    await ben.until('see the encoder go', async () => (await ben.tile('Camera one').count()) === 0);
    assert.equal((await encoder.call<Said>('whip', url, key)).status, 404);
  } finally {
    await Promise.all([ada.leave(), ben.leave(), encoder.close()]);
  }
});

test('an RTMP stream is made on the page, seen and heard in the room, and deleted with its publisher', async () => {
  const { slug } = await newRoom('Theatre');
  const ada = await Attendee.arrive(browser, site, 'Ada', admin);
  const ben = await Attendee.arrive(browser, site, 'Ben', admin);
  let encoder: Encoder | undefined;
  try {
    await ada.open('/admin/streaming');
    await ada.page.getByRole('button', { name: 'New stream', exact: true }).click();
    await ada.page.getByLabel('Name', { exact: true }).fill('Play');
    await ada.page.getByLabel('Room', { exact: true }).fill(slug);
    await ada.page.getByLabel('Name in the call').fill('Camera two');
    await ada.page.getByRole('button', { name: /How the encoder sends/ }).click();
    await ada.page.getByRole('option', { name: /RTMP/ }).click();
    await ada.page.getByRole('button', { name: 'Make stream' }).click();
    const value = (label: string) => ada.page.getByRole('textbox', { name: label }).inputValue();
    const [url, key] = [await value('Address'), await value('Stream key')];
    assert.equal(url, `rtmp://localhost:${rtmpPort}/live`);
    await accessible(ada.page);
    await ada.page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    const item = ada.page.getByRole('listitem').filter({ hasText: 'Play' });
    await item.getByText('Not publishing').waitFor();

    await ben.join(slug);
    assert.match(await Encoder.rtmp(url, 'not-a-key').ended(), /no ingress has this stream key/);
    encoder = Encoder.rtmp(url, key);
    await ben.seesPictureOf('Camera two');
    await ben.seesAndHears();
    await item.getByText('Publishing', { exact: true }).waitFor();
    await item.getByText(/H264 640×360/i).waitFor();

    await ada.page.getByRole('button', { name: 'More for Play' }).click();
    await ada.page.getByRole('menuitem', { name: 'Delete' }).click();
    await ada.page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await ben.until('see the encoder go', async () => (await ben.tile('Camera two').count()) === 0);
    await encoder.ended();
    assert.match(await Encoder.rtmp(url, key).ended(), /no ingress has this stream key/);
  } finally {
    await Promise.all([ada.leave(), ben.leave(), encoder?.stop()]);
  }
});

test('an RTMP encoder stays outside a locked room, and comes in once it is open', async () => {
  const { slug } = await newRoom('Rehearsal');
  type Ingress = { id: string; url: string; stream_key: string; status: string };
  const made = await admin.must<Ingress>('POST', '/api/ingress', { name: 'Locked', kind: 'rtmp', room: slug });
  const list = async () => (await admin.must<{ items: Ingress[] }>('GET', '/api/ingress')).items;
  const is = async (status: string) => (await list()).some((one) => one.id === made.id && one.status === status);
  await admin.must('PUT', `/api/rooms/${slug}/lock`, { locked: true });
  assert.match(await Encoder.rtmp(made.url, made.stream_key).ended(), /locked/i);
  await admin.must('PUT', `/api/rooms/${slug}/lock`, { locked: false });
  const encoder = Encoder.rtmp(made.url, made.stream_key);
  try {
    await encoder.until('publish', () => is('publishing'));
    // It is the ingress process that the encoder loses; the key is good for the next.
    for (const pid of await site.ingressPids()) process.kill(pid, 'SIGKILL');
    await encoder.ended();
    await site.child.until('the encoder is given up', () => is('error'));
  } finally {
    await encoder.stop();
  }
  const again = await Encoder.persistent(made.url, made.stream_key, () => is('publishing'));
  await again.stop();
  await admin.must('DELETE', `/api/ingress/${made.id}`);
});

test('an RTMP encoder notices nothing when the site is killed and started again', async () => {
  const { slug } = await newRoom('Steady');
  type Ingress = { id: string; url: string; stream_key: string; status: string };
  const made = await admin.must<Ingress>('POST', '/api/ingress', { name: 'Steady', kind: 'rtmp', room: slug });
  const list = async () => (await admin.must<{ items: Ingress[] }>('GET', '/api/ingress')).items;
  const is = async (status: string) => (await list()).some((one) => one.id === made.id && one.status === status);
  const encoder = Encoder.rtmp(made.url, made.stream_key);
  try {
    await encoder.until('publish', () => is('publishing'));
    const before = [await site.ingressPids(), await site.mediaPids()];
    site.child.signal('SIGKILL');
    await site.startAgain();
    assert.deepEqual([await site.ingressPids(), await site.mediaPids()], before);
    await encoder.until('publish still', () => is('publishing'));
  } finally {
    await encoder.stop();
  }
  await admin.must('DELETE', `/api/ingress/${made.id}`);
});

test('a stream that is switched off lets nobody in, and one outlives a killed media server', async () => {
  const { slug } = await newRoom('Annex');
  type Ingress = { id: string; stream_key: string; status: string };
  const made = await admin.must<Ingress>('POST', '/api/ingress', { name: 'Annex', kind: 'whip', room: slug });
  const list = async () => (await admin.must<{ items: Ingress[] }>('GET', '/api/ingress')).items;
  const encoder = await pages.open();
  try {
    await admin.must('PATCH', `/api/ingress/${made.id}`, { enabled: false });
    assert.equal((await encoder.call<Said>('whip', `${site.url}/w`, made.stream_key)).status, 403);
    await admin.must('PATCH', `/api/ingress/${made.id}`, { enabled: true });
    assert.equal((await encoder.call<Said>('whip', `${site.url}/w`, made.stream_key)).status, 201);
    const is = (status: string) => async () => (await list().catch(() => [])).some((one) => one.id === made.id && one.status === status);
    await encoder.until('it publishes', is('publishing'), Boolean);

    for (const pid of await site.mediaPids()) process.kill(pid, 'SIGKILL');
    await encoder.until('it is back without its encoder', is('inactive'), Boolean, 30_000);
    const again = async () => (await encoder.call<Said>('whip', `${site.url}/w/${made.stream_key}`, '')).status;
    await encoder.until('the key is good as before', again, (status) => status === 201);
    await encoder.until('it publishes again', is('publishing'), Boolean);
  } finally {
    await encoder.close();
    await admin.must('DELETE', `/api/ingress/${made.id}`);
  }
});

test('a program publishes with its key and makes streams by an SDK', async () => {
  type Key = { id: string; key: string; secret: string };
  const grants = ['room_join', 'ingress_admin'];
  const { id, key, secret } = await admin.must<Key>('POST', '/api/api-keys', { name: 'Studio', grants, rooms: null });
  const token = async (identity: string) => {
    const made = new AccessToken(key, secret, { identity, ttl: 600 });
    made.addGrant({ roomJoin: true, room: 'studio' });
    return made.toJwt();
  };
  const ingress = new IngressClient(site.url, key, secret);
  const input = { name: 'SDK', roomName: 'studio', participantIdentity: 'sdk', participantName: 'SDK' };
  const made = await ingress.createIngress(IngressInput.WHIP_INPUT, input);
  await assert.rejects(ingress.createIngress(IngressInput.URL_INPUT, { ...input, url: 'https://example.org/film.mp4' }), /WHIP and RTMP only/);
  const [ana, encoder] = [await pages.open(), await pages.open()];
  try {
    await ana.join(site.url.replace('http', 'ws'), await token('ana'));
    const said = await encoder.call<Said>('whip', `${site.url}/whip/v1`, await token('encoder'));
    assert.equal(said.status, 201, said.said);
    assert.ok(said.location.startsWith(`${site.url}/whip/v1/PA_`));
    await ana.untilFlowing('encoder', 'camera');
    assert.equal((await encoder.call<Said>('whipTrickle')).status, 204);
    assert.equal((await encoder.call<Said>('whipRestart')).status, 200);
    await ana.untilFlowing('encoder', 'camera');
    assert.equal(await encoder.call('whipEnd'), 200);

    assert.equal((await encoder.call<Said>('whip', `${site.url}/w`, made.streamKey)).status, 201);
    await ana.untilFlowing('sdk', 'camera');
    const renamed = await ingress.updateIngress(made.ingressId, { name: 'Renamed' });
    assert.equal(renamed.name, 'Renamed');
    assert.deepEqual((await ingress.listIngress({ roomName: 'studio' })).map(({ name }) => name), ['Renamed']);
    await ingress.deleteIngress(made.ingressId);
    assert.equal(await encoder.call('whipEnd'), 404);

    const late = await token('late');
    await admin.must('DELETE', `/api/api-keys/${id}`);
    assert.equal((await encoder.call<Said>('whip', `${site.url}/whip/v1`, late)).status, 403);
  } finally {
    await Promise.all([ana.close(), encoder.close()]);
  }
});
