// `convoke matrix-jwt` as docs/deploy runs it: what a pod takes away, it does without.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { residentMebibytes } from '../bench/proc.ts';
import { type BarePage, BarePages } from '../harness/bare-page.ts';
import { convokeBinary } from '../harness/binary.ts';
import { launchBrowser } from '../harness/browser.ts';
import { Child } from '../harness/child.ts';
import { Authority, Homeserver } from '../harness/homeserver.ts';
import { matrixJwtEnvironment } from '../harness/matrix-jwt.ts';
import { apiKey, apiSecret, MediaServer } from '../harness/media-server.ts';
import { freeTcpPort } from '../harness/ports.ts';
import { Redis } from '../harness/redis.ts';

// Mounts of its own with nothing to write to; then another user, without capabilities or a way to get any.
const AS_IN_A_POD = [
  'unshare',
  ['--mount', '--', 'sh', '-c',
    'mount --bind / / && mount -o remount,ro,bind / && ! touch /tmp/written 2>/dev/null && exec setpriv --reuid=1000 ' +
      '--regid=1000 --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs "$@"',
    'sh'],
] as const;
const isRoot = process.getuid?.() === 0;

test(
  'it serves without root, capabilities or a writable disk, in less than 64 MiB',
  { skip: !isRoot && 'only root can take these away' },
  async () => {
    const authority = await Authority.make();
    const homeserver = await Homeserver.start(authority);
    const port = await freeTcpPort();
    const url = `http://127.0.0.1:${port}`;
    const [command, words] = AS_IN_A_POD;
    const service = new Child('convoke matrix-jwt', command, [...words, convokeBinary(), 'matrix-jwt'], matrixJwtEnvironment(port));
    try {
      await service.until('be healthy', async () => (await fetch(`${url}/healthz`)).ok);
      const status = await readFile(`/proc/${service.pid}/status`, 'utf8');
      assert.match(status, /^Uid:\t1000\t1000\t1000\t1000$/m);
      assert.match(status, /^CapEff:\t0+$/m);
      const body = JSON.stringify(homeserver.tokenRequest('ann', '!r:example.org'));
      for (let round = 0; round < 20; round += 1) {
        const answers = await Promise.all(
          Array.from({ length: 20 }, () => fetch(`${url}/get_token`, { method: 'POST', body })),
        );
        assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
        await Promise.all(answers.map((answer) => answer.json()));
      }
      const mebibytes = await residentMebibytes(service.pid);
      assert.ok(mebibytes < 64, `${mebibytes} MiB`);
    } finally {
      await service.stop();
      await homeserver.stop();
      await authority.remove();
    }
  },
);

test(
  'two share the leave events over Redis, and when the one that holds them is killed the other sends them',
  { skip: await Redis.impossible() },
  async () => {
    const [redis, authority, browser] = [await Redis.start(), await Authority.make(), await launchBrowser()];
    const homeserver = await Homeserver.start(authority);
    const [pages, ports] = [await BarePages.start(browser), [await freeTcpPort(), await freeTcpPort()]];
    // Its webhooks come to the second, as a load balancer may have it.
    const media = await MediaServer.start(`webhook: { api_key: ${apiKey}, urls: ["http://127.0.0.1:${ports[1]}/sfu_webhook"] }`);
    const replicas: Child[] = [];
    const read = async (replica: number, name: string) => {
      const text = await (await fetch(`http://127.0.0.1:${ports[replica]}/metrics`)).text();
      return Number(text.split('\n').find((line) => line.startsWith(`convoke_matrix_${name} `))?.split(' ')[1]);
    };
    const start = async (replica: number, holds: number) => {
      const child = new Child('convoke matrix-jwt', convokeBinary(), ['matrix-jwt'], {
        ...matrixJwtEnvironment(ports[replica]!),
        LIVEKIT_URL: media.wsUrl,
        LIVEKIT_KEY: apiKey,
        LIVEKIT_SECRET: apiSecret,
        LIVEKIT_FULL_ACCESS_HOMESERVERS: homeserver.name,
        LIVEKIT_CS_API_URL_OVERRIDES: `${homeserver.name}=https://${homeserver.name}`,
        LIVEKIT_REDIS_URL: redis.url,
      });
      replicas.push(child);
      await child.until('have or leave the turn', async () => (await read(replica, 'delayed_leaves_holder')) === holds);
    };
    const acted = (act: string, times: number) =>
      replicas[1]!.until(act, async () => homeserver.acts.filter((one) => one === act).length >= times);
    /** Joins with a token from the second, which hands the leave event over along with it. */
    const join = async (name: string): Promise<BarePage> => {
      const body = homeserver.tokenRequest(name, '!r:example.org', { delay_id: `of-${name}`, delay_timeout: 60_000 });
      const answer = await fetch(`http://127.0.0.1:${ports[1]}/get_token`, { method: 'POST', body: JSON.stringify(body) });
      const { jwt } = (await answer.json()) as { jwt: string };
      const page = await pages.open();
      await page.join(media.wsUrl, jwt);
      await acted(`of-${name} restart`, 1);
      return page;
    };
    const leave = (page: BarePage) =>
      page.page.evaluate(() => (window as unknown as { room: { disconnect(): Promise<void> } }).room.disconnect());
    try {
      await start(0, 1);
      await start(1, 0);
      const bob = await join('bob');
      assert.deepEqual([await read(0, 'delayed_leaves'), await read(1, 'delayed_leaves')], [1, 0]);
      await leave(bob);
      await acted('of-bob send', 1);

      const ann = await join('ann');
      replicas[0]!.signal('SIGKILL');
      await replicas[0]!.exited;
      await replicas[1]!.until('take over', async () => (await read(1, 'delayed_leaves_holder')) === 1);
      await acted('of-ann restart', 2);
      await leave(ann);
      await acted('of-ann send', 1);
      await replicas[1]!.until('hold nothing more', async () => (await read(1, 'delayed_leaves')) === 0);
      const sent = homeserver.acts.filter((act) => act.endsWith(' send')).toSorted();
      assert.deepEqual(sent, ['of-ann send', 'of-bob send']);
    } finally {
      await pages.stop();
      await browser.close();
      for (const replica of replicas) await replica.stop();
      await media.stop();
      await homeserver.stop();
      await authority.remove();
      await redis.stop();
    }
  },
);
