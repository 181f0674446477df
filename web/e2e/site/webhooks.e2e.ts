// Webhooks of a real server: the official library verifies what arrives, also when server or receiver die in between.
import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { Attendee } from '../harness/attendee.ts';
import { accessible } from '../harness/axe.ts';
import { type Browser, launchBrowser, screenshot } from '../harness/browser.ts';
import { Site, type Visitor } from '../harness/site.ts';

type Message = { type: string; timestamp: string; data: Record<string, unknown> };
type Got = { id: string; message: Message; headers: Record<string, string>; body: string };
type Made = { id: string; secret: string };

/** Keeps what arrives, and answers as told. */
class Receiver {
  readonly got: Got[] = [];
  /** The answers to the next requests; then 200. */
  answers: { status: number; headers?: Record<string, string> }[] = [];
  /** Called before a request is answered. */
  before: (got: Got) => void = () => {};
  private server: http.Server | undefined;
  private port = 0;

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    await receiver.up();
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  async up(): Promise<void> {
    const server = http.createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const body = Buffer.concat(parts).toString();
        const headers = request.headers as Record<string, string>;
        const got = { id: headers['webhook-id']!, message: JSON.parse(body) as Message, headers, body };
        this.got.push(got);
        this.before(got);
        const { status, headers: more } = this.answers.shift() ?? { status: 200 };
        response.writeHead(status, { 'content-type': 'text/plain', ...more }).end(`thanks for ${got.message.type}`);
      });
    });
    await new Promise<void>((done) => server.listen(this.port, '127.0.0.1', done));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  async down(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    server?.closeAllConnections();
    await new Promise((done) => (server ? server.close(done) : done(undefined)));
  }

  types(): string[] {
    return this.got.map(({ message }) => message.type);
  }

  /** Each event once, in the order of its first arrival. */
  once(): Got[] {
    return [...new Map(this.got.toReversed().map((got) => [got.id, got])).values()].reverse();
  }

  async until(what: string, is: () => boolean, seconds = 60): Promise<void> {
    const end = Date.now() + seconds * 1000;
    while (!is()) {
      assert.ok(Date.now() < end, `${what}: ${JSON.stringify(this.types())}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}

let site: Site;
let admin: Visitor;
const receivers: Receiver[] = [];

async function receiver(): Promise<Receiver> {
  const started = await Receiver.start();
  receivers.push(started);
  return started;
}

const make = (to: Receiver, more: object = {}) => admin.must<Made>('POST', '/api/webhooks', { url: to.url, ...more });
const makeRoom = (name: string) => admin.must<{ id: string; slug: string }>('POST', '/api/rooms', { name });
const rename = (slug: string, name: string) => admin.must('PATCH', `/api/rooms/${slug}`, { name });
const names = (got: Got[]) =>
  got.map(({ message }) => (message.data.changes as { name: { to: string } } | undefined)?.name.to ?? message.type);

before(async () => {
  site = await Site.start({ CONVOKE_WEBHOOKS__ALLOW_PRIVATE_ADDRESSES: 'true' });
  admin = await site.administrator();
});
after(async () => {
  await Promise.all(receivers.map((one) => one.down()));
  await site?.stop();
});

test('the official library verifies each message, and they come in order, by filter and by room', async () => {
  const [all, some] = [await receiver(), await receiver()];
  const { secret } = await make(all);
  const [one, other] = [await makeRoom('One'), await makeRoom('Other')];
  const narrow = await make(some, { events: ['room.updated'], rooms: [one.id] });
  for (const name of ['A', 'B', 'C']) {
    await rename(one.slug, name);
    await rename(other.slug, `not ${name}`);
  }
  await some.until('three of one room', () => some.got.length === 3);
  assert.deepEqual(names(some.got), ['A', 'B', 'C']);
  const expected = ['room.created', 'room.created', 'webhook.created', 'A', 'not A', 'B', 'not B', 'C', 'not C'];
  await all.until('all', () => all.got.length === expected.length);
  assert.deepEqual(names(all.got), expected);
  for (const { body, headers } of all.got) {
    assert.deepEqual(new Webhook(secret).verify(body, headers), JSON.parse(body));
    assert.throws(() => new Webhook(narrow.secret).verify(body, headers));
    assert.throws(() => new Webhook(secret).verify(`${body} `, headers));
  }
  // Right after a rotation both secrets do.
  const [{ id }] = (await admin.must<{ items: Made[] }>('GET', '/api/webhooks')).items.slice(-1) as [Made];
  const rotated = await admin.must<Made>('POST', `/api/webhooks/${id}/rotate-secret`);
  await rename(one.slug, 'D');
  await all.until('one more', () => names(all.got).includes('D'));
  const last = all.got.at(-1)!;
  for (const either of [secret, rotated.secret]) new Webhook(either).verify(last.body, last.headers);
});

test('what is not taken comes again with its id, and redirects lead nowhere', async () => {
  const [to, elsewhere] = [await receiver(), await receiver()];
  to.answers = [{ status: 500 }, { status: 307, headers: { location: elsewhere.url } }];
  const { id } = await make(to, { events: ['room.*'] });
  const room = await makeRoom('Retried');
  await rename(room.slug, 'after it');
  await to.until('all', () => to.got.length === 4, 90);
  assert.deepEqual(names(to.got), ['room.created', 'room.created', 'room.created', 'after it']);
  assert.equal(new Set(to.got.map((got) => got.id)).size, 2);
  assert.equal(elsewhere.got.length, 0);
  type Log = { items: { id: string; attempts: number; state: string }[] };
  const log = () => admin.must<Log>('GET', `/api/webhooks/${id}/deliveries`);
  while ((await log()).items.some(({ state }) => state !== 'delivered')) await new Promise((done) => setTimeout(done, 50));
  const first = (await log()).items.at(-1)!;
  assert.equal(first.attempts, 3);
  type Whole = { tries: { error: string | null; answer: string | null }[] };
  const whole = await admin.must<Whole>('GET', `/api/webhooks/${id}/deliveries/${first.id}`);
  const errors = whole.tries.map(({ error }) => error ?? 'taken').reverse();
  assert.match(errors.join(), /^answered 500,redirects to .* are not followed.*,taken$/);
  assert.equal(whole.tries[0]?.answer, 'thanks for room.created');
  await admin.must('POST', `/api/webhooks/${id}/replay`, { since: 0 });
  await to.until('replayed', () => to.got.length === 6);
  assert.deepEqual(to.got.slice(4).map((got) => got.id), [to.got[0]!.id, to.got[3]!.id]);
});

test('a killed server loses no event and repeats none under another id', async () => {
  const to = await receiver();
  await make(to, { events: ['room.updated'] });
  const room = await makeRoom('Killed');
  // Between what happens and its delivery.
  await to.down();
  const expected = [];
  for (let round = 0; round < 3; round += 1) {
    for (let nth = 0; nth < 5; nth += 1) {
      await rename(room.slug, `${round}.${nth}`);
      expected.push(`${round}.${nth}`);
    }
    site.child.signal('SIGKILL');
    await site.startAgain();
  }
  // Between the receiver's answer and the server's note of it.
  to.before = () => {
    to.before = () => {};
    site.child.signal('SIGKILL');
  };
  await to.up();
  await site.child.exited;
  await site.startAgain();
  await to.until('all', () => to.once().length === expected.length, 120);
  assert.deepEqual(names(to.once()), expected);
  assert.ok(to.got.length > expected.length, 'one came twice');
  assert.deepEqual(names(to.got.slice(0, 2)), ['0.0', '0.0']);
});

test('an administrator makes a webhook on the page, tries it, and looks at what became of it', async () => {
  const browser: Browser = await launchBrowser();
  const to = await receiver();
  const ada = await Attendee.arrive(browser, site, 'Ada', admin);
  const { page } = ada;
  const close = () => page.getByRole('dialog').getByRole('button', { name: 'Close' }).first().click();
  const host = new URL(to.url).host;
  try {
    await ada.open('/admin/webhooks');
    await page.getByRole('button', { name: 'New webhook' }).click();
    await page.getByRole('textbox', { name: 'Address' }).fill('nowhere');
    await page.getByRole('button', { name: 'Make webhook' }).click();
    await page.getByRole('textbox', { name: 'Address' }).and(page.locator('[aria-invalid=true]')).fill(to.url);
    await page.getByRole('switch', { name: 'All events' }).click({ force: true });
    await page.getByRole('dialog').getByText('room.*', { exact: true }).click();
    await accessible(page);
    await screenshot(page, 'webhook-form');
    await page.getByRole('button', { name: 'Make webhook' }).click();
    const secret = await page.getByRole('textbox', { name: 'Signing secret' }).inputValue();
    assert.match(secret, /^whsec_/);
    await page.getByRole('button', { name: 'Copy Signing secret' }).click();
    await screenshot(page, 'webhook-made');
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();

    const search = page.getByRole('searchbox', { name: 'Search by address, purpose or event' });
    await search.fill('no such place');
    await page.getByText('Nothing found.').waitFor();
    await search.fill(host.toUpperCase());
    await page.getByRole('button', { name: `Test ${host}` }).click();
    await page.getByText(/The receiver took it: 200/).waitFor();
    await page.getByText('thanks for webhook.test').waitFor();
    assert.equal(new Webhook(secret).verify(to.got[0]!.body, to.got[0]!.headers) !== null, true);
    await screenshot(page, 'webhook-test');
    await close();

    await makeRoom('Seen in the log');
    await page.getByRole('button', { name: `Log of ${host}` }).click();
    await page.getByRole('button', { name: 'Details of room.created' }).click();
    await page.getByText('thanks for room.created').waitFor();
    await accessible(page);
    await screenshot(page, 'webhook-delivery');
    await page.getByRole('button', { name: 'Send again' }).click();
    await to.until('the replay', () => to.types().filter((type) => type === 'room.created').length === 2);
    await page.getByRole('button', { name: 'Back to the log' }).click();
    await screenshot(page, 'webhook-log');
    await close();

    const more = page.getByRole('button', { name: `More for ${host}` });
    await more.click();
    await page.getByRole('menuitem', { name: 'Pause' }).click();
    await page.getByText('An administrator paused it.').waitFor();
    await accessible(page);
    await screenshot(page, 'webhooks');
    await page.setViewportSize({ width: 360, height: 740 });
    await page.emulateMedia({ colorScheme: 'dark' });
    const wider = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.equal(await wider(), 0, 'nothing is cut off on a phone');
    await accessible(page);
    await screenshot(page, 'webhooks-phone-dark');
    await page.getByRole('button', { name: `Log of ${host}` }).click();
    await page.getByRole('button', { name: 'Details of room.created' }).click();
    await page.getByText('thanks for room.created').first().waitFor();
    assert.equal(await wider(), 0, 'nothing is cut off on a phone');
    await screenshot(page, 'webhook-delivery-phone-dark');
    await close();
    await more.click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await more.waitFor({ state: 'detached' });
    await ada.open('/admin/audit');
    await page.getByRole('row').getByText('Webhook deleted').first().waitFor();
  } finally {
    await ada.leave();
    await browser.close();
  }
});
