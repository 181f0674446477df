// CPU of the site for one request, with a small database and with a big one: what an account, a room and a history
// weigh must not be felt by requests that show a page of it. Alone, with CONVOKE_BIN and Node 24:
// `node bench/requests.ts [COUNT [CONCURRENCY]]`.
import { Site } from '../harness/site.ts';
import type { Visitor } from '../harness/visitor.ts';
import { fill, newestEvent } from './fill.ts';
import { type Load, type Measured, measure } from './load.ts';

const DAY = 24 * 3_600_000;

type Size = { count: number; concurrency: number };

export type Requests = { what: string; small: Measured; big: Measured };

function headersOf(visitor: Visitor): Record<string, string> {
  return {
    cookie: visitor.browserCookies().map(({ name, value }) => `${name}=${value}`).join('; '),
    'x-convoke-csrf': '1',
    'content-type': 'application/json',
  };
}

async function measureAll(site: Site, headers: Record<string, string>, slug: string, { count, concurrency }: Size) {
  const load = (method: string, path: string, more: Partial<Load> = {}) =>
    measure(
      { url: `${site.url}${path}`, method, headers, requests: count, concurrency, ...more },
      [site.child.pid],
    );
  // The administration's pages; fewer, since each is heavier.
  const few = { requests: count / 10 };
  const day = Math.floor(Date.now() / 60_000) * 60_000 - DAY;
  const opened = { ...headers, 'last-event-id': newestEvent(`${site.dataDir}/convoke.db`) };
  return [
    // Reads nothing and says nothing: what HTTP costs here.
    ['GET /health/live', await load('GET', '/health/live')],
    ['GET /api/site', await load('GET', '/api/site')],
    ['GET /api/auth/me', await load('GET', '/api/auth/me')],
    ['GET /api/rooms?limit=20', await load('GET', '/api/rooms?limit=20')],
    ['GET /api/rooms/{slug}', await load('GET', `/api/rooms/${slug}`)],
    ['POST /api/rooms/{slug}/join', await load('POST', `/api/rooms/${slug}/join`, { body: '{}' })],
    ['GET /api/rooms/{slug}/recordings?limit=20', await load('GET', `/api/rooms/${slug}/recordings?limit=20`)],
    ['GET /api/recordings?limit=20', await load('GET', '/api/recordings?limit=20', { requests: count / 20 })],
    ['GET /api/admin/overview', await load('GET', '/api/admin/overview', few)],
    ['GET /api/users?limit=50, by name', await load('GET', '/api/users?limit=50&sort=name', few)],
    ['GET /api/admin/rooms?limit=50, by last call', await load('GET', '/api/admin/rooms?limit=50&sort=last_call&direction=desc', few)],
    ['GET /api/admin/meetings?limit=50', await load('GET', '/api/admin/meetings?limit=50', few)],
    ['GET /api/admin/recordings?limit=50, by size', await load('GET', '/api/admin/recordings?limit=50&sort=size&direction=desc', few)],
    ['GET /api/admin/audit?limit=50, by action', await load('GET', '/api/admin/audit?limit=50&action=room.updated', few)],
    ['GET /api/admin/usage of a day', await load('GET', `/api/admin/usage?from=${day}&to=${day + DAY}&step=5`, few)],
    ['GET /api/events, opened again', await load('GET', '/api/events', { headers: opened, streams: true, requests: count / 4 })],
  ] as const;
}

/** The same requests of the same account about the same room, before and after the database is filled. */
export async function requestsOfBothSizes(size: Size = { count: 6000, concurrency: 16 }): Promise<Requests[]> {
  const site = await Site.start({ CONVOKE_LOG__LEVEL: 'warn' });
  try {
    const admin = await site.administrator();
    const rooms: { id: string; slug: string }[] = [];
    for (let i = 0; i < 20; i += 1) rooms.push(await admin.must('POST', '/api/rooms', { name: `Room ${i}` }));
    const [room] = rooms;
    if (!room) throw new Error('no room was made');
    const { id: owner } = await admin.must<{ id: string }>('GET', '/api/auth/me');
    const headers = headersOf(admin);
    const small = await measureAll(site, headers, room.slug, size);
    await site.child.stop();
    fill(`${site.dataDir}/convoke.db`, { owner, room: room.id });
    await site.startAgain();
    const big = await measureAll(site, headers, room.slug, size);
    return small.map(([what, measured], index) => {
      const other = big[index];
      if (!other) throw new Error(`${what} was measured once only`);
      return { what, small: measured, big: other[1] };
    });
  } finally {
    await site.stop();
  }
}

export const showRequests = (m: Measured): string =>
  `${m.cpuMicroseconds.toFixed(0)} µs CPU, p50 ${m.p50.toFixed(2)} ms, p99 ${m.p99.toFixed(2)} ms, ${m.perSecond.toFixed(0)}/s`;

if (process.argv[1] === import.meta.filename) {
  const [count = 6000, concurrency = 16] = process.argv.slice(2).map(Number);
  const size = { count, concurrency };
  console.log('| what | 20 rooms | 10,000 accounts, rooms and recordings, 100,000 attendances, records and messages |\n|---|---|---|');
  for (const { what, small, big } of await requestsOfBothSizes(size)) {
    console.log(`| ${what} | ${showRequests(small)} | ${showRequests(big)} |`);
  }
}
