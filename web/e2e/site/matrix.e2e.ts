// Matrix clients get their tokens from the site and meet on its media server, beside the site's own rooms.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Attendee } from '../harness/attendee.ts';
import { BarePages } from '../harness/bare-page.ts';
import { type Browser, launchBrowser } from '../harness/browser.ts';
import { Authority, Homeserver } from '../harness/homeserver.ts';
import { freeTcpPort } from '../harness/ports.ts';
import { Site } from '../harness/site.ts';

let authority: Authority;
let ours: Homeserver;
let foreign: Homeserver;
let metrics: string;
let site: Site;
let browser: Browser;
let pages: BarePages;

before(async () => {
  authority = await Authority.make();
  ours = await Homeserver.start(authority);
  foreign = await Homeserver.start(authority);
  metrics = `127.0.0.1:${await freeTcpPort()}`;
  site = await Site.start({
    SSL_CERT_FILE: authority.file,
    CONVOKE_MATRIX__ENABLED: 'true',
    CONVOKE_MATRIX__FULL_ACCESS_HOMESERVERS: ours.name,
    CONVOKE_MATRIX__CLIENT_API_OVERRIDES: `${ours.name}=https://${ours.name}`,
    CONVOKE_MATRIX__ALLOWED_NETWORKS: '127.0.0.0/8',
    CONVOKE_METRICS__LISTEN: metrics,
  });
  browser = await launchBrowser();
  pages = await BarePages.start(browser);
});

after(async () => {
  await pages?.stop();
  await browser?.close();
  await site?.stop();
  await ours?.stop();
  await foreign?.stop();
  await authority?.remove();
});

type Access = { url: string; jwt: string };

async function post(path: string, body: unknown): Promise<{ status: number; json: Record<string, string> }> {
  const answer = await fetch(`${site.url}/livekit/jwt${path}`, { method: 'POST', body: JSON.stringify(body) });
  return { status: answer.status, json: (await answer.json()) as Record<string, string> };
}

async function access(homeserver: Homeserver, name: string, room: string): Promise<Access> {
  const { status, json } = await post('/get_token', homeserver.tokenRequest(name, room));
  assert.equal(status, 200, JSON.stringify(json));
  return json as Access;
}

const until = async (what: string, condition: () => boolean, milliseconds = 20_000) => {
  const end = Date.now() + milliseconds;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not within ${milliseconds} ms: ${what}\n${site.child.tail()}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
};

test('users of two homeservers meet once one with full access has started the call', async () => {
  const early = await access(foreign, 'eve', '!call:example.org');
  const outsider = await pages.open();
  await assert.rejects(outsider.join(early.url, early.jwt), /requested room does not exist/);

  const [ann, bob] = [await pages.open(), await pages.open()];
  try {
    const started = await access(ours, 'ann', '!call:example.org');
    assert.equal(started.url, site.url.replace('http', 'ws'));
    await ann.join(started.url, started.jwt);
    await ann.call('publish');
    const joined = await access(foreign, 'bob', '!call:example.org');
    await bob.join(joined.url, joined.jwt);
    await bob.call('publish');
    const [other] = await ann.until(
      'bob is there',
      () => ann.call<{ identity: string }[]>('participants'),
      (participants) => participants.length === 1,
    );
    // Hashed: nobody in the call learns a Matrix id from LiveKit.
    assert.match(other!.identity, /^[A-Za-z0-9+/]{43}$/);
    await ann.untilFlowing(other!.identity, 'camera');
    await ann.untilFlowing(other!.identity, 'microphone');
  } finally {
    for (const page of [outsider, ann, bob]) await page.close();
  }
});

test('older clients get theirs from /sfu/get under their plain Matrix id', async () => {
  const { openid_token } = ours.tokenRequest('old', '!r:example.org') as { openid_token: unknown };
  const { status, json } = await post('/sfu/get', { room: '!r:example.org', openid_token, device_id: 'PHONE' });
  assert.equal(status, 200, JSON.stringify(json));
  const claims = JSON.parse(Buffer.from(json.jwt!.split('.')[1]!, 'base64url').toString());
  assert.equal(claims.sub, `${ours.user('old')}:PHONE`);
  const page = await pages.open();
  await page.join(json.url!, json.jwt!);
  await page.close();
});

test('a token that no homeserver vouches for opens nothing', async () => {
  const request = ours.tokenRequest('ann', '!r:example.org') as { openid_token: { access_token: string } };
  request.openid_token.access_token = 'stolen';
  const { status, json } = await post('/get_token', request);
  assert.deepEqual([status, json.errcode], [401, 'M_UNAUTHORIZED']);
});

test('a leave event is kept alive during the call, over a kill -9 of the site, and sent at its end', async () => {
  const room = '!leave:example.org';
  const page = await pages.open();
  try {
    const { url, jwt } = await access(ours, 'ann', room);
    await page.join(url, jwt);
    const delegation = ours.tokenRequest('ann', room, { delay_id: 'delay-1', delay_timeout: 60_000 });
    assert.equal((await post('/delegate_delayed_leave', delegation)).status, 200);
    await until('a first restart', () => ours.acts.includes('delay-1 restart'));
    site.child.signal('SIGKILL');
    await site.child.exited;
    const { length } = ours.acts;
    await site.startAgain();
    // The page is in the call as before.
    await until('another restart', () => ours.acts.slice(length).includes('delay-1 restart'));
    assert.ok(!ours.acts.includes('delay-1 send'));
    await page.call('leave');
    await until('the leave event is sent', () => ours.acts.includes('delay-1 send'));
  } finally {
    await page.close();
  }
});

test('requests are counted for Prometheus, on a listener of its own', async () => {
  await access(ours, 'ann', '!counted:example.org');
  const text = await (await fetch(`http://${metrics}/metrics`)).text();
  assert.match(text, /^convoke_matrix_requests_total\{[^}]*get_token[^}]*\} [1-9]/m);
  assert.equal((await fetch(`${site.url}/metrics`)).status, 404);
});

test("the site's own meetings go on after the media server was killed, though tokens make no rooms", async () => {
  const admin = await site.administrator();
  const { slug } = await admin.must<{ slug: string }>('POST', '/api/rooms', { name: 'Beside Matrix' });
  const [ana, ben] = [await Attendee.arrive(browser, site, 'Ana'), await Attendee.arrive(browser, site, 'Ben')];
  try {
    await ana.join(slug);
    await ben.join(slug);
    await ana.seesAndHears();
    const [pid] = await site.mediaPids();
    assert.ok(pid);
    process.kill(pid, 'SIGKILL');
    for (const person of [ana, ben]) {
      const connected = person.page.locator('[data-connection-state="connected"]');
      await person.until('notice', async () => (await connected.count()) === 0);
    }
    for (const person of [ana, ben]) {
      await person.connected(60_000);
      await person.seesAndHears();
    }
  } finally {
    await ana.leave();
    await ben.leave();
  }
});
