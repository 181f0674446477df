// Each mode of the signal socket, as unmodified livekit-client in Chromium sees it. The mock has no media: where joining
// succeeds, connecting ends with a failure to reach a peer.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { AccessToken } from 'livekit-server-sdk';
import { type BarePage, BarePages } from '../harness/bare-page.ts';
import { type Browser, launchBrowser } from '../harness/browser.ts';
import { apiKey, apiSecret, MockServer } from '../harness/mock-server.ts';

let mock: MockServer;
let browser: Browser;
let pages: BarePages;
before(async () => {
  mock = await MockServer.start();
  browser = await launchBrowser();
  pages = await BarePages.start(browser);
});
after(async () => {
  await pages?.stop();
  await browser?.close();
  await mock?.stop();
});

/** Which message of SignalResponse a frame holds: the number of its first field. */
const kinds: Record<number, string> = { 1: 'join', 8: 'leave', 18: 'pong', 19: 'reconnect', 20: 'pongResp' };
function kindOf(frame: string | Buffer): string {
  assert.ok(Buffer.isBuffer(frame), 'frames are binary');
  const tag = frame[0]! < 0x80 ? frame[0]! : (frame[0]! & 0x7f) | (frame[1]! << 7);
  return kinds[tag >> 3] ?? `field ${tag >> 3}`;
}

type Socket = { path: string; received: string[]; closed: boolean };
type Visit = { page: BarePage; url: string; token: string; sockets: Socket[]; refusal: Promise<string> };
type Control = { signal: string; leaveAction?: number | string };

/** Joins with a token whose `lk.mock` is `control`; `refusal` is why connecting ended. */
async function join(path: string, control: Control, secret: string, scene: (visit: Visit) => Promise<void>): Promise<void> {
  const attributes = { 'lk.mock': JSON.stringify(control) };
  const access = new AccessToken(apiKey, secret, { identity: 'ana', attributes, ttl: '10m' });
  access.addGrant({ roomJoin: true, room: 'my-room' });
  const token = await access.toJwt();
  const url = mock.url.replace('http', 'ws');
  const page = await pages.open();
  try {
    const sockets: Socket[] = [];
    page.page.on('websocket', (opened) => {
      const socket: Socket = { path: new URL(opened.url()).pathname, received: [], closed: false };
      opened.on('framereceived', ({ payload }) => socket.received.push(kindOf(payload)));
      opened.on('close', () => (socket.closed = true));
      sockets.push(socket);
    });
    const options = {
      mode: path === '/rtc' ? 'dual' : 'single',
      connect: { peerConnectionTimeout: 6000, websocketTimeout: 3000, maxRetries: 0 },
    } as const;
    const refusal = page
      .join(url, token, options)
      .then(() => 'joined', (error: Error) => error.message);
    await scene({ page, url, token, sockets, refusal });
  } finally {
    await page.close();
  }
}

const seen = async (page: BarePage, name: string) => (await page.events(name)).length > 0;
const untilSeen = (page: BarePage, name: string, milliseconds?: number) =>
  page.until(name, () => seen(page, name), (yes) => yes, milliseconds);

/** Resumes as the client's engine does; the engine itself joins anew as long as it has no peer, and the mock has none. */
async function resume({ page, url, token }: Visit): Promise<string> {
  await untilSeen(page, 'signalConnected');
  return page.page.evaluate(
    ([url, token]) => {
      type SignalClient = { reconnect: (url: string, token: string, participant: string) => Promise<unknown> };
      const { client } = (window as unknown as { room: { engine: { client: SignalClient } } }).room.engine;
      return client.reconnect(url, token, 'PA_MOCK').then(() => 'resumed', (error: Error) => error.message);
    },
    [url, token] as const,
  );
}

for (const path of ['/rtc', '/rtc/v1']) {
  const mode = (name: string, control: Control, scene: (visit: Visit) => Promise<void>, secret = apiSecret) =>
    test(name, () => join(path, control, secret, scene));

  describe(`on ${path}`, { concurrency: 4 }, () => {
    mode('happy: the socket outlives its ping timeout of 3 s', { signal: 'happy' }, async ({ page, sockets, refusal }) => {
      assert.match(await refusal, /could not establish pc connection/);
      assert.equal(await seen(page, 'signalConnected'), true);
      assert.equal(await seen(page, 'reconnecting'), false);
      assert.equal(sockets.length, 1);
      assert.equal(sockets[0]!.path, path);
      assert.equal(sockets[0]!.received[0], 'join');
      assert.ok(sockets[0]!.received.includes('pongResp'));
    });

    mode('an unknown mode is the happy one', { signal: 'of-tomorrow' }, async ({ page, sockets }) => {
      await untilSeen(page, 'signalConnected');
      assert.equal(sockets[0]!.received[0], 'join');
    });

    mode('no_pong: the client gives the socket up', { signal: 'no_pong' }, async ({ page, sockets }) => {
      await untilSeen(page, 'reconnecting');
      assert.deepEqual(sockets[0]!.received, ['join']);
    });

    for (const signal of ['close_when_connected', 'drop_when_connected']) {
      mode(`${signal}: the client comes again`, { signal }, async ({ page, sockets }) => {
        await untilSeen(page, 'signalConnected');
        await untilSeen(page, 'reconnecting');
        await page.until('a second socket speaks', async () => sockets[1]?.received[0], (kind) => kind !== undefined);
        assert.deepEqual(sockets.slice(0, 2).map((socket) => socket.path), [path, path]);
      });
    }

    mode('happy: a session is resumed', { signal: 'happy' }, async (visit) => {
      assert.equal(await resume(visit), 'resumed');
      assert.deepEqual(visit.sockets.map(({ path, received }) => [path, received[0]]), [[path, 'join'], [path, 'reconnect']]);
    });

    mode('leave_during_reconnect: a resume is refused', { signal: 'leave_during_reconnect' }, async (visit) => {
      assert.match(await resume(visit), /Received leave request/);
      assert.deepEqual(visit.sockets.map(({ path, received }) => [path, received[0]]), [[path, 'join'], [path, 'leave']]);
    });

    mode('leave_when_connected: the client is told that the server goes', { signal: 'leave_when_connected' }, async ({ page, sockets }) => {
      await untilSeen(page, 'signalConnected');
      await page.until('a leave', async () => sockets[0]?.received, (received) => received?.[1] === 'leave');
    });

    mode('leave_first_message: joining is refused', { signal: 'leave_first_message' }, async ({ sockets, refusal }) => {
      assert.match(await refusal, /Received leave request/);
      assert.deepEqual(sockets[0]!.received, ['leave']);
    });

    mode('close_before_join: joining fails', { signal: 'close_before_join' }, async ({ sockets, refusal }) => {
      assert.match(await refusal, /Websocket got closed/);
      assert.deepEqual(sockets[0]!.received, []);
    });

    mode('no_first_message: joining times out', { signal: 'no_first_message' }, async ({ sockets, refusal }) => {
      assert.match(await refusal, /timed out while waiting for the first message/);
      assert.deepEqual(sockets[0]!.received, []);
    });

    mode('drop_on_close: the client leaves all the same', { signal: 'drop_on_close' }, async ({ page, sockets }) => {
      await untilSeen(page, 'signalConnected');
      await page.call('leave');
      await page.until('closed', async () => sockets[0]?.closed, (closed) => closed === true);
    });

    mode('room_not_found: the client says so', { signal: 'room_not_found' }, async ({ refusal }) => {
      assert.match(await refusal, /requested room does not exist/);
    });

    mode('validate_500: the client sees a socket that fails', { signal: 'validate_500' }, async ({ sockets, refusal }) => {
      assert.match(await refusal, /Encountered websocket error/);
      assert.deepEqual(sockets[0]!.received, []);
    });

    mode('validate_service_not_found: the client tries the other path', { signal: 'validate_service_not_found' }, async ({ sockets, refusal }) => {
      assert.match(await refusal, /could not establish signal connection/);
      assert.equal(sockets[0]!.path, path);
      assert.equal(sockets.some((socket) => socket.path === '/rtc'), true);
    });

    mode(
      'a token that cannot be trusted is refused',
      { signal: 'happy' },
      async ({ refusal }) => {
        assert.match(await refusal, /invalid token/);
      },
      'another-secret',
    );
  });
}
