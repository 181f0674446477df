// People of a real Synapse meet in the real Element Call, through `convoke serve`, whatever happens to it meanwhile.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Browser, launchBrowser } from '../harness/browser.ts';
import { type Caller, ElementCalls } from '../harness/element-call.ts';
import { Authority } from '../harness/homeserver.ts';
import { freeTcpPort } from '../harness/ports.ts';
import { Site } from '../harness/site.ts';
import { type Account, Synapse } from '../harness/synapse.ts';

let authority: Authority;
let homeserver: Synapse;
let federating: Synapse;
let site: Site;
let browser: Browser;
let calls: ElementCalls;
let ann: Account;
let bob: Account;
let roomId: string;
let [anns, bobs]: (Caller | undefined)[] = [];

before(async () => {
  authority = await Authority.make();
  const port = await freeTcpPort();
  const service = `http://localhost:${port}/livekit/jwt`;
  homeserver = await Synapse.start(authority, service);
  federating = await Synapse.start(authority, service);
  site = await Site.start({
    CONVOKE_SERVER__PORT: `${port}`,
    SSL_CERT_FILE: authority.file,
    CONVOKE_MATRIX__ENABLED: 'true',
    CONVOKE_MATRIX__FULL_ACCESS_HOMESERVERS: homeserver.name,
    CONVOKE_MATRIX__CLIENT_API_OVERRIDES: `${homeserver.name}=${homeserver.url}`,
    CONVOKE_MATRIX__ALLOWED_NETWORKS: '127.0.0.0/8',
  });
  browser = await launchBrowser();
  calls = await ElementCalls.start(browser);
  await homeserver.ready();
  [ann, bob] = [await homeserver.register('ann'), await homeserver.register('bob')];
  roomId = await homeserver.room(ann);
  await homeserver.join(bob, roomId);
});

after(async () => {
  await calls?.stop();
  await browser?.close();
  await site?.stop();
  await homeserver?.stop();
  await federating?.stop();
  await authority?.remove();
});

const both = () => {
  assert.ok(anns && bobs);
  return [anns, bobs];
};

async function inCall(expected: Account[], milliseconds: number): Promise<void> {
  const names = expected.map(({ userId }) => userId).sort();
  const end = Date.now() + milliseconds;
  for (;;) {
    const found = await homeserver.inCall(ann, roomId);
    if (JSON.stringify(found) === JSON.stringify(names)) return;
    if (Date.now() > end) assert.deepEqual(found, names, site.child.tail());
    await new Promise((wake) => setTimeout(wake, 250));
  }
}

test('two people of one homeserver see each other', async () => {
  anns = await calls.enter(homeserver, ann, roomId);
  bobs = await calls.enter(homeserver, bob, roomId);
  for (const caller of both()) await caller.sees(1, 30_000);
  await inCall([ann, bob], 10_000);
});

test('the call goes on after the media server was killed', async () => {
  const [pid] = await site.mediaPids();
  assert.ok(pid);
  process.kill(pid, 'SIGKILL');
  for (const caller of both()) await caller.sees(1, 60_000);
});

test('the call goes on after Convoke was killed', async () => {
  site.child.signal('SIGKILL');
  await site.startAgain();
  for (const caller of both()) await caller.sees(1, 60_000);
  // Both are still members: nobody was said to have left, and the homeserver knows of nobody twice.
  await inCall([ann, bob], 1_000);
});

test('the call goes on after Convoke was restarted in order', async () => {
  await site.restart();
  for (const caller of both()) await caller.sees(1, 60_000);
  await inCall([ann, bob], 1_000);
});

test('who dies in the call is said to have left', async () => {
  await bobs?.die();
  await inCall([ann], 40_000);
});

test('somebody of a federating homeserver comes into the call', async () => {
  await federating.ready();
  const carl = await federating.register('carl');
  await federating.join(carl, roomId, homeserver.name);
  const carls = await calls.enter(federating, carl, roomId);
  for (const caller of [carls, both()[0]!]) await caller.sees(1, 30_000);
  await inCall([ann, carl], 10_000);
  await carls.hangUp();
  await inCall([ann], 10_000);
  await carls.close();
});

test('who hangs up has left at once', async () => {
  await anns?.hangUp();
  await inCall([], 5_000);
});
