// Two LiveKit nodes behind one name, and one of them dies: the site goes on with the other, and so do the people in a call.
import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { Attendee } from '../harness/attendee.ts';
import { convokeBinary } from '../harness/binary.ts';
import { launchBrowser } from '../harness/browser.ts';
import { apiKey, apiSecret, MediaServer } from '../harness/media-server.ts';
import { freeTcpPort } from '../harness/ports.ts';
import { Redis } from '../harness/redis.ts';
import { Site } from '../harness/site.ts';

/** LiveKit's own nodes are one cluster, over Redis; ours know nothing of each other. */
const official = process.env.LIVEKIT_SERVER_BIN !== undefined;
const skip = process.getuid?.() === 0 ? official && (await Redis.impossible()) : 'only root can name hosts for one process';

/** Where its nodes are, for the site alone. */
const NAME = 'nodes.convoke.test';
const ADDRESSES = ['127.0.0.2', '127.0.0.3'];

test('people in a call on a node that dies meet again on the other', { skip: skip ?? false }, async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'convoke-nodes-'));
  const hosts = path.join(folder, 'hosts');
  await writeFile(hosts, ['127.0.0.1 localhost', ...ADDRESSES.map((address) => `${address} ${NAME}`), ''].join('\n'));
  const program = path.join(folder, 'convoke');
  const within = `exec unshare --mount sh -c 'mount --bind ${hosts} /etc/hosts && exec "$0" "$@"' ${convokeBinary()} "$@"`;
  await writeFile(program, `#!/bin/sh\n${within}\n`);
  await chmod(program, 0o755);

  const redis = official ? await Redis.start() : undefined;
  const [port, signal] = [await freeTcpPort(), await freeTcpPort()];
  const shared = redis ? `redis: { address: "${redis.address}", password: ${redis.password} }\n` : '';
  const webhook = `webhook: { api_key: ${apiKey}, urls: ["http://127.0.0.1:${port}/api/livekit/webhook"] }`;
  const nodes = await Promise.all(ADDRESSES.map((address) => MediaServer.start(shared + webhook, { at: { address, port: signal } })));
  const site = await Site.start(
    {
      CONVOKE_SERVER__PORT: `${port}`,
      CONVOKE_LIVEKIT__EXTERNAL: 'true',
      CONVOKE_LIVEKIT__HOST: `ws://localhost:${port}`,
      CONVOKE_LIVEKIT__INTERNAL_HOST: `http://${NAME}:${signal}`,
      CONVOKE_LIVEKIT__API_KEY: apiKey,
      CONVOKE_LIVEKIT__API_SECRET: apiSecret,
      CONVOKE_RECORDINGS__ENABLED: 'false',
    },
    undefined,
    program,
  );
  const browser = await launchBrowser();
  try {
    const admin = await site.administrator();
    const { slug } = await admin.must<{ slug: string }>('POST', '/api/rooms', { name: 'On two legs' });
    const people = [await Attendee.arrive(browser, site, 'Ada Admin', admin), await Attendee.arrive(browser, site, 'Gus Guest')];
    for (const person of people) await person.join(slug);
    for (const person of people) await person.seesAndHears();
    /** How many are on a node, as it says itself. */
    const peopleOn = async (node: MediaServer) =>
      (await node.rooms.listRooms()).reduce((sum, room) => sum + room.numParticipants, 0);
    // A cluster answers for all of its nodes; by itself each says who is on it.
    const used = official ? nodes[0]! : nodes[(await peopleOn(nodes[0]!)) === 2 ? 0 : 1]!;
    const other = nodes.find((node) => node !== used)!;
    assert.equal(await peopleOn(used), 2);

    used.child.signal('SIGKILL');
    await used.child.exited;
    await other.child.until('have both', async () => (await peopleOn(other)) === 2, 90_000);
    for (const person of people) {
      await person.connected(60_000);
      await person.seesAndHears(60_000);
    }
    const live = await admin.must<{ items: { participants: number }[] }>('GET', '/api/livekit/rooms');
    assert.equal(live.items.length, 1);
    await site.ready();
  } finally {
    await browser.close();
    await site.stop();
    for (const node of nodes) await node.stop();
    await redis?.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
