// `convoke matrix-jwt` as docs/deploy runs it: what a pod takes away, it does without.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { residentMebibytes } from '../bench/proc.ts';
import { convokeBinary } from '../harness/binary.ts';
import { Child } from '../harness/child.ts';
import { Authority, Homeserver } from '../harness/homeserver.ts';
import { matrixJwtEnvironment } from '../harness/matrix-jwt.ts';
import { freeTcpPort } from '../harness/ports.ts';

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
