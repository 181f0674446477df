// `make bench`: prints one table of figures of the release build, and of the real livekit-server where
// LIVEKIT_SERVER_BIN names one, of LiveKit's own mock (its cmd/test-server) where LIVEKIT_TEST_SERVER_BIN does, and
// of lk-jwt-service where LK_JWT_SERVICE_BIN does.
// Nothing here passes or fails; README and closing notes quote it.
import { spawnSync } from 'node:child_process';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { AccessToken } from 'livekit-server-sdk';
import { MediaServer } from '../harness/media-server.ts';
import { MockServer, signed } from '../harness/mock-server.ts';
import { Site } from '../harness/site.ts';
import { hold, measure } from './load.ts';
import { type Access, measureAccess } from './matrix-jwt.ts';
import { cpuSeconds, proportionalMebibytes, residentMebibytes } from './proc.ts';
import { recordings } from './recordings.ts';
import { requestsOfBothSizes, showRequests } from './requests.ts';

process.env.CONVOKE_BIN ??= path.resolve(import.meta.dirname, '../../../target/dist/convoke');
const real = process.env.LIVEKIT_SERVER_BIN;
delete process.env.LIVEKIT_SERVER_BIN;

const rows: [string, string, string][] = [];
const row = (what: string, convoke: string, livekit = real ? '' : '–') => {
  // At once as well: who has to break off keeps what there is.
  console.error(`${what}: ${convoke} (${livekit})`);
  rows.push([what, convoke, livekit]);
};
const requests = showRequests;
const sleep = (milliseconds: number) => new Promise((wake) => setTimeout(wake, milliseconds));

async function withRealServer<T>(use: (server: MediaServer) => Promise<T>): Promise<T | undefined> {
  if (!real) return undefined;
  process.env.LIVEKIT_SERVER_BIN = real;
  const server = await MediaServer.start('logging: { level: warn }');
  delete process.env.LIVEKIT_SERVER_BIN;
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

async function site(): Promise<void> {
  const begin = performance.now();
  const site = await Site.start({ CONVOKE_LOG__LEVEL: 'warn' });
  try {
    row('start to ready (first start, fresh database)', `${(performance.now() - begin).toFixed(0)} ms`);
    await site.administrator();
    const restart = performance.now();
    await site.restart();
    row('stop and start again to ready', `${(performance.now() - restart).toFixed(0)} ms`);
    await sleep(3000);
    const [child] = await site.mediaPids();
    if (child === undefined) throw new Error('no media server runs');
    const [recorder] = await site.recorderPids();
    if (recorder === undefined) throw new Error('no recorder runs');
    const idle = async (pid: number) =>
      `${(await residentMebibytes(pid)).toFixed(1)} (${(await proportionalMebibytes(pid)).toFixed(1)})`;
    row(
      'idle memory, resident (and its part of what is shared): site; media server; recorder',
      `${(await Promise.all([site.child.pid, child, recorder].map(idle))).join('; ')} MiB`,
      '–',
    );
    const [platform, media] = [await residentMebibytes(site.child.pid), await residentMebibytes(child)];
    row(
      'idle memory, site + media server',
      `${platform.toFixed(1)} + ${media.toFixed(1)} = ${(platform + media).toFixed(1)} MiB`,
      (await withRealServer(async (server) => {
        await sleep(3000);
        return `${(await residentMebibytes(server.child.pid)).toFixed(1)} MiB`;
      })) ?? '–',
    );
  } finally {
    await site.stop();
  }
}

async function siteRequests(): Promise<void> {
  for (const { what, small, big } of await requestsOfBothSizes()) {
    row(`${what} (20 rooms), 16 at once`, requests(small));
    row(`${what} (10,000 accounts, rooms and recordings, 100,000 attendances, records and messages), 16 at once`, requests(big));
  }
}

async function listRooms(server: MediaServer): Promise<string> {
  for (let i = 0; i < 20; i += 1) await server.rooms.createRoom({ name: `room-${i}`, emptyTimeout: 600 });
  const token = new AccessToken('APIe2e', 'a-secret-of-at-least-thirty-two-bytes');
  token.addGrant({ roomList: true });
  const load = {
    url: `${server.httpUrl}/twirp/livekit.RoomService/ListRooms`,
    method: 'POST',
    headers: { authorization: `Bearer ${await token.toJwt()}`, 'content-type': 'application/protobuf' },
    requests: 10000,
    concurrency: 16,
  };
  return requests(await measure(load, [server.child.pid]));
}

async function mediaServer(): Promise<void> {
  const server = await MediaServer.start('logging: { level: warn }');
  try {
    row('media server ListRooms (20 rooms), 16 at once', await listRooms(server), (await withRealServer(listRooms)) ?? '–');
  } finally {
    await server.stop();
  }
}

type Heard = {
  received_mbps: number;
  lost_percent: number;
  joins_per_second: number;
  join_p95_ms: number;
};

/** Runs `convoke load` in another process; CPU is that of the server, joins and all, over the seconds measured. */
async function load(server: MediaServer, args: string[]): Promise<{ cpu: number; mebibytes: number; heard: Heard }> {
  const seconds = 20;
  const before = await cpuSeconds(server.child.pid);
  const load = spawnSync(
    process.env.CONVOKE_BIN as string,
    ['load', '--url', server.wsUrl, '--bitrate', '1600000', '--seconds', `${seconds}`, '--json', ...args],
    { env: { ...process.env, LIVEKIT_API_KEY: 'APIe2e', LIVEKIT_API_SECRET: 'a-secret-of-at-least-thirty-two-bytes' } },
  );
  if (load.status !== 0) throw new Error(`convoke load: ${load.stderr}`);
  const used = (await cpuSeconds(server.child.pid)) - before;
  const mebibytes = await residentMebibytes(server.child.pid);
  return { cpu: (used / seconds) * 100, mebibytes, heard: JSON.parse(load.stdout.toString()) as Heard };
}

const showLoad = ({ cpu, mebibytes, heard }: Awaited<ReturnType<typeof load>>) =>
  `${cpu.toFixed(0)} % of a core, ${mebibytes.toFixed(0)} MiB, ${heard.received_mbps.toFixed(0)} Mbps out, ${heard.lost_percent.toFixed(2)} % lost`;

/** One publisher of 1.6 Mbps and `subscribers`. */
async function forward(server: MediaServer, subscribers: number): Promise<string> {
  return showLoad(await load(server, ['--room', `forward-${subscribers}`, '--subscribers', `${subscribers}`]));
}

/** Twenty rooms of five who see one another in the middle of three layers, and speak in turn. */
async function meet(server: MediaServer): Promise<string> {
  const measured = await load(server, [
    '--rooms', '20', '--publishers', '5', '--subscribers', '0', '--meeting', '--simulcast', '--audio', '--quality', 'medium',
  ]);
  const { joins_per_second, join_p95_ms } = measured.heard;
  return `${showLoad(measured)}; ${joins_per_second.toFixed(0)} joins/s, 95 % within ${join_p95_ms.toFixed(0)} ms`;
}

async function meetings(): Promise<void> {
  const server = await MediaServer.start('logging: { level: warn }');
  try {
    row('20 rooms of 5 with simulcast', await meet(server), (await withRealServer(meet)) ?? '–');
  } finally {
    await server.stop();
  }
}

async function forwarding(): Promise<void> {
  for (const subscribers of [10, 30, 100, 300]) {
    const server = await MediaServer.start('logging: { level: warn }');
    try {
      row(
        `forward 1.6 Mbps to ${subscribers}`,
        await forward(server, subscribers),
        (await withRealServer((other) => forward(other, subscribers))) ?? '–',
      );
    } finally {
      await server.stop();
    }
  }
}

/** CPU of one call, and memory when idle, after 5 s and after 30 s of 5,000 calls in each second. */
async function mockOf(peer: string | undefined): Promise<{ calls: string; memory: string }> {
  if (peer) process.env.CONVOKE_MOCK_PEER = peer;
  const mock = await MockServer.start();
  delete process.env.CONVOKE_MOCK_PEER;
  try {
    const load = {
      url: `${mock.url}/twirp/livekit.RoomService/ListRooms`,
      method: 'POST',
      headers: { authorization: `Bearer ${await signed({ roomList: true })}`, 'content-type': 'application/protobuf' },
      concurrency: 16,
    };
    const memory = [await residentMebibytes(mock.child.pid)];
    const calls = requests(await measure({ ...load, requests: 20000 }, [mock.child.pid]));
    const rates: number[] = [];
    for (const seconds of [5, 25]) {
      rates.push(await hold(load, 5000, seconds));
      memory.push(await residentMebibytes(mock.child.pid));
    }
    const reached = Math.min(...rates).toFixed(0);
    return { calls, memory: `${memory.map((mebibytes) => mebibytes.toFixed(1)).join(' → ')} MiB at ${reached}/s` };
  } finally {
    await mock.stop();
  }
}

async function mockServer(): Promise<void> {
  const peer = process.env.LIVEKIT_TEST_SERVER_BIN;
  const ours = await mockOf(undefined);
  const theirs = peer ? await mockOf(peer) : { calls: '–', memory: '–' };
  row("API mock ListRooms, 16 at once (beside LiveKit's test-server)", ours.calls, theirs.calls);
  row('API mock memory: idle → 5 s → 30 s of 5,000 ListRooms/s', ours.memory, theirs.memory);
}

async function matrixJwt(): Promise<void> {
  const show = (access: Access) =>
    `${requests(access)}; ${access.idleMebibytes.toFixed(1)} → ${access.mebibytes.toFixed(1)} MiB`;
  const peer = process.env.LK_JWT_SERVICE_BIN;
  row(
    'matrix-jwt /sfu/get, 16 at once, memory before → after (beside lk-jwt-service)',
    show(await measureAccess(process.env.CONVOKE_BIN as string, ['matrix-jwt'])),
    peer ? show(await measureAccess(peer, [])) : '–',
  );
}

await site();
await siteRequests();
await mediaServer();
await mockServer();
await matrixJwt();
await forwarding();
await meetings();
for (const [what, figure] of await recordings()) row(what, figure, '–');
row(
  'binary',
  `${((await stat(process.env.CONVOKE_BIN)).size / 1e6).toFixed(1)} MB`,
  real ? `${((await stat(real)).size / 1e6).toFixed(1)} MB` : '–',
);
console.log('| what | Convoke | peer |\n|---|---|---|');
for (const cells of rows) console.log(`| ${cells.join(' | ')} |`);
