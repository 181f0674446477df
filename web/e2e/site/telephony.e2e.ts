// Telephony in the administration: what each kind of media server has of it; the page in front of a cluster; and, where
// LIVEKIT_SERVER_BIN names an official livekit-server, trunks and rules that it really keeps in a Redis.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Attendee } from '../harness/attendee.ts';
import { accessible } from '../harness/axe.ts';
import { type Browser, launchBrowser, screenshot } from '../harness/browser.ts';
import { apiKey, freePorts, MockServer } from '../harness/mock-server.ts';
import { Redis } from '../harness/redis.ts';
import { SipCluster } from '../harness/sip-cluster.ts';
import { Site, type Visitor } from '../harness/site.ts';

const SECRET = 'a-secret-of-the-cluster-with-many-letters';
const official = process.env.LIVEKIT_SERVER_BIN;

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser?.close());

type Entry = { id: string; settings: { name: string }; has_password?: boolean; pin?: string | null };
type Service = { service: string; state: string };

async function see(site: Site, admin: Visitor, look: (ada: Attendee) => Promise<void>): Promise<void> {
  const ada = await Attendee.arrive(browser, site, 'Ada', admin);
  try {
    await ada.open('/admin/telephony');
    await look(ada);
  } finally {
    await ada.leave();
  }
}

async function fill(ada: Attendee, texts: Record<string, string>): Promise<void> {
  const dialog = ada.page.getByRole('dialog');
  for (const [label, text] of Object.entries(texts)) {
    await dialog.getByRole('textbox', { name: new RegExp(`^${label}`) }).fill(text);
  }
}

const press = (ada: Attendee, name: string) => ada.page.getByRole('dialog').getByRole('button', { name }).click();

test('the built-in media server has no telephony, and the page says what to do', async () => {
  const site = await Site.start({ CONVOKE_LIVEKIT__ENGINE: 'built-in', CONVOKE_LIVEKIT__BINARY: '' });
  try {
    const admin = await site.administrator();
    await see(site, admin, async (ada) => {
      await ada.page.getByText('Not on this media server').waitFor();
      await ada.page.getByText(/set livekit\.redis/).waitFor();
      assert.equal(await ada.page.getByText('New trunk').count(), 0);
      await accessible(ada.page);
      await screenshot(ada.page, 'admin-telephony-none');
    });
    const { status } = await admin.ask('GET', '/api/sip/trunks');
    assert.equal(status, 501);
  } finally {
    await site.stop();
  }
});

test('in front of a cluster trunks, rules and calls are seen and made, after a mistake', async () => {
  const [port = 0] = await freePorts(1);
  const mock = await MockServer.startWith([port], ['--ports', `${port}`, '--bind', '127.0.0.1', '--api-secret', SECRET]);
  const site = await Site.start({
    CONVOKE_LIVEKIT__EXTERNAL: 'true',
    CONVOKE_LIVEKIT__HOST: `ws://127.0.0.1:${port}`,
    CONVOKE_LIVEKIT__INTERNAL_HOST: `http://127.0.0.1:${port}`,
    CONVOKE_LIVEKIT__API_KEY: apiKey,
    CONVOKE_LIVEKIT__API_SECRET: SECRET,
  });
  try {
    const admin = await site.administrator();
    await see(site, admin, async (ada) => {
      await ada.page.getByText('Ready', { exact: true }).waitFor();
      await ada.page.getByRole('button', { name: 'New trunk' }).click();
      await press(ada, 'Make trunk');
      await ada.page.getByRole('dialog').getByText('This is required.').waitFor();
      await fill(ada, { Name: 'Provider', Numbers: '+15105550100, +15105550101' });
      await accessible(ada.page);
      await screenshot(ada.page, 'admin-telephony-trunk');
      await press(ada, 'Make trunk');
      await ada.page.getByRole('dialog').waitFor({ state: 'hidden' });
      await ada.page.getByRole('button', { name: 'New rule' }).click();
      await fill(ada, { Name: 'To a room', PIN: '1234' });
      await press(ada, 'Make rule');
      await ada.page.getByRole('dialog').getByText('This is required.').waitFor();
      await fill(ada, { Room: 'lab' });
      await screenshot(ada.page, 'admin-telephony-rule');
      await press(ada, 'Make rule');
      await ada.page.getByRole('dialog').waitFor({ state: 'hidden' });
      await ada.page.getByRole('button', { name: 'Call somebody…' }).click();
      await fill(ada, { Number: '+15105550123', Room: 'lab' });
      await press(ada, 'Call');
      await ada.page.getByText('Calling +15105550123.').waitFor();
      await accessible(ada.page);
      await screenshot(ada.page, 'admin-telephony');
    });
    const told = JSON.stringify(await admin.must('GET', '/api/admin/audit'));
    for (const action of ['sip.trunk_created', 'sip.rule_created', 'sip.call_made']) assert.match(told, new RegExp(action));
  } finally {
    await site.stop();
    await mock.stop();
  }
});

test('trunks and a rule are made, changed as JSON and deleted, and people called, sent on and hung up on', async () => {
  const cluster = await SipCluster.start();
  const site = await Site.start({
    CONVOKE_LIVEKIT__EXTERNAL: 'true',
    CONVOKE_LIVEKIT__HOST: cluster.url.replace('http', 'ws'),
    CONVOKE_LIVEKIT__INTERNAL_HOST: cluster.url,
    CONVOKE_LIVEKIT__API_KEY: apiKey,
    CONVOKE_LIVEKIT__API_SECRET: SECRET,
  });
  try {
    const admin = await site.administrator();
    await see(site, admin, async (ada) => {
      const { page } = ada;
      const dialog = page.getByRole('dialog');
      const closed = () => dialog.waitFor({ state: 'hidden' });
      const button = (name: string) => page.getByRole('button', { name, exact: true });
      const choose = async (field: RegExp, option: string) => {
        await dialog.getByRole('button', { name: field }).click();
        await page.getByRole('option', { name: option }).click();
      };
      // Nobody can be called before there is a way out.
      await button('Call somebody…').click();
      await dialog.getByText('Make a trunk for calls that go out first.').waitFor();
      await dialog.getByRole('button', { name: 'Close' }).last().click();

      await button('New trunk').click();
      await fill(ada, { Name: 'In' });
      await press(ada, 'Make trunk');
      await dialog.getByText(/for security, one of the fields must be set/).waitFor();
      await fill(ada, { Numbers: '+15105550100', 'User name': 'us', Password: 'a secret' });
      await press(ada, 'Make trunk');
      await closed();

      await button('New trunk').click();
      await choose(/Direction/, 'Calls go out');
      await fill(ada, { Name: 'Out' });
      await press(ada, 'Make trunk');
      assert.equal(await dialog.getByText('This is required.').count(), 2);
      await fill(ada, { "Provider's address": 'sip.example.org', Numbers: '+15105550101' });
      await choose(/Transport/, 'TLS');
      await accessible(page);
      await press(ada, 'Make trunk');
      await closed();

      await button('New rule').click();
      await fill(ada, { Name: 'Callers' });
      await choose(/Callers come into/, 'A room each');
      await press(ada, 'Make rule');
      await closed();

      // As JSON: not JSON, then a slip of the pen, then right.
      const text = dialog.getByRole('textbox', { name: "LiveKit's JSON" });
      const write = async (change: (message: Record<string, unknown>) => unknown) => {
        const message = JSON.parse(await text.inputValue()) as Record<string, unknown>;
        await text.fill(JSON.stringify(change(message), null, 2));
        await press(ada, 'Save');
      };
      await button('In as JSON').click();
      const before = await text.inputValue();
      assert.ok(!before.includes('a secret'), before);
      await text.fill(before.replace('{', '{,'));
      await press(ada, 'Save');
      await dialog.getByText(/This is not JSON/).waitFor();
      await text.fill(before);
      await write((message) => ({ ...message, media: { codec: ['PCMU'] } }));
      await dialog.getByText('media.codec: there is no such field.').waitFor();
      await accessible(page);
      await screenshot(page, 'admin-telephony-json');
      await write((message) => ({ ...message, media: { codecs: [{ name: 'PCMU' }] }, ringingTimeout: 'soon' }));
      await dialog.getByText(/^ringingTimeout: /).waitFor();
      await write((message) => ({ ...message, ringingTimeout: '20s' }));
      await closed();

      // What only the JSON has a place for outlives a change by the form.
      await button('Change In').click();
      await fill(ada, { Name: 'Provider' });
      await press(ada, 'Save');
      await button('Change Provider').waitFor();
      const [trunk] = cluster.inbound.values();
      assert.deepEqual(
        [trunk?.name, trunk?.authPassword, trunk?.media?.codecs[0]?.name, trunk?.ringingTimeout?.seconds],
        ['Provider', 'a secret', 'PCMU', 20n],
      );

      await button('Callers as JSON').click();
      await write(({ rule: _, ...message }) => message);
      await dialog.getByText('rule: this is required.').waitFor();
      await write((message) => ({ ...message, rule: { dispatchRuleCallee: { roomPrefix: 'desk-', randomize: true } } }));
      await closed();
      await page.getByText('into desk-… per number').waitFor();

      // A call out; hung up on.
      const call = async (number: string, name: string) => {
        await button('Call somebody…').click();
        await press(ada, 'Call');
        await dialog.getByText('This is required.').first().waitFor();
        await fill(ada, { Number: number, Room: 'lab', 'Shown as': name });
        await press(ada, 'Call');
        await page.getByText(`Calling ${number}.`).waitFor();
        await page.getByRole('listitem').filter({ hasText: name }).getByText('active').waitFor();
      };
      await call('+15105550123', 'Grace');
      await button('Hang up on Grace').click();
      await page.getByRole('alertdialog').getByRole('button', { name: 'Hang up' }).click();
      await page.getByText('Nobody is on the telephone.').waitFor();
      assert.equal(cluster.calls.size, 0);

      // And one that is sent on, after a mistake here and one that only the other side knows of.
      await call('+15105550124', 'Bob');
      await button('Send Bob on').click();
      await press(ada, 'Send on…');
      await dialog.getByText('Write tel: and a number, or sip: and an address.').waitFor();
      await fill(ada, { To: 'tel:+15105550000' });
      await press(ada, 'Send on…');
      await dialog.getByText(/the number is not in use/).waitFor();
      await accessible(page);
      await fill(ada, { To: 'tel:+15105550199' });
      await press(ada, 'Send on…');
      await closed();
      await page.getByText('Nobody is on the telephone.').waitFor();
      assert.deepEqual(cluster.transfers.map(({ transferTo }) => transferTo), ['tel:+15105550199']);

      for (const [name, after] of [['Provider', 1], ['Out', 0]] as const) {
        await button(`Delete ${name}`).click();
        await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
        await button(`Delete ${name}`).waitFor({ state: 'hidden' });
        assert.equal(cluster.inbound.size + cluster.outbound.size, after);
      }
      await button('Delete Callers').click();
      await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
      await page.getByText('No rules: calls that come in go nowhere.').waitFor();
    });
    const told = JSON.stringify(await admin.must('GET', '/api/admin/audit'));
    for (const action of ['trunk_updated', 'rule_updated', 'call_made', 'call_transferred', 'trunk_deleted', 'rule_deleted']) {
      assert.match(told, new RegExp(`sip.${action}`));
    }
    assert.ok(!told.includes('a secret'));
  } finally {
    await site.stop();
    await cluster.stop();
  }
});

test('an official livekit-server keeps trunks and rules in Redis', { skip: !official && 'no LIVEKIT_SERVER_BIN' }, async () => {
  const redis = await Redis.start();
  const site = await Site.start({
    CONVOKE_LIVEKIT__REDIS__ADDRESS: redis.address,
    CONVOKE_LIVEKIT__REDIS__PASSWORD: redis.password,
  });
  try {
    const admin = await site.administrator();
    const states = async () =>
      Object.fromEntries(
        (await admin.must<Service[]>('GET', '/api/livekit/services')).map(({ service, state }) => [service, state]),
      );
    assert.deepEqual(await states(), { egress: 'ready', ingress: 'ready', sip: 'ready' });
    const room = await admin.must<{ id: string; slug: string }>('POST', '/api/rooms', { name: 'Lab' });
    await see(site, admin, async (ada) => {
      await ada.page.getByRole('button', { name: 'New trunk' }).click();
      await fill(ada, { Name: 'Open to all' });
      await press(ada, 'Make trunk');
      await ada.page.getByRole('dialog').getByText(/The media server refuses this/).waitFor();
      await fill(ada, { Numbers: '+15105550100', 'User name': 'us', Password: 'a secret' });
      await press(ada, 'Make trunk');
      await ada.page.getByRole('dialog').waitFor({ state: 'hidden' });
      await ada.page.getByRole('button', { name: 'Change Open to all' }).click();
      await fill(ada, { Name: 'Provider' });
      await press(ada, 'Save');
      await ada.page.getByRole('button', { name: 'Change Provider' }).waitFor();
      await ada.page.getByRole('button', { name: 'New rule' }).click();
      await fill(ada, { Name: 'Lab', Room: room.slug, PIN: '1234' });
      await ada.page.getByRole('dialog').getByText('Provider').click();
      await press(ada, 'Make rule');
      await ada.page.getByText(`into ${room.id}`).waitFor();
      await screenshot(ada.page, 'admin-telephony-official');
    });
    const [trunk] = await admin.must<Entry[]>('GET', '/api/sip/trunks');
    assert.deepEqual([trunk?.settings.name, trunk?.has_password], ['Provider', true]);
    const [rule] = await admin.must<Entry[]>('GET', '/api/sip/rules');
    assert.equal(rule?.pin, '1234');
    const out = await admin.must<Entry>('POST', '/api/sip/trunks', {
      kind: 'outbound', name: 'Out', address: 'sip.example.org', numbers: ['+15105550100'], transport: 'tls',
    });
    const call = { trunk_id: out.id, to: '+15105550123', room: room.slug };
    const refused = await admin.ask('POST', '/api/sip/calls', call);
    assert.equal(refused.status, 503);
    assert.equal((await states()).sip, 'no_worker');
    for (const path of [`trunks/${trunk?.id}`, `trunks/${out.id}`, `rules/${rule?.id}`]) {
      await admin.must('DELETE', `/api/sip/${path}`);
    }
    assert.deepEqual(await admin.must('GET', '/api/sip/trunks'), []);
    assert.deepEqual(await admin.must('GET', '/api/sip/rules'), []);
  } finally {
    await site.stop();
    await redis.stop();
  }
});

test('an official livekit-server without Redis says that it needs one', { skip: !official && 'no LIVEKIT_SERVER_BIN' }, async () => {
  const site = await Site.start();
  try {
    const admin = await site.administrator();
    await see(site, admin, async (ada) => {
      await ada.page.getByText('Needs Redis').waitFor();
      await accessible(ada.page);
    });
  } finally {
    await site.stop();
  }
});
