// Each flag and its environment name; every case starts a server of its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cloud, control, freePorts, makeRoom, MockServer, signed } from '../harness/mock-server.ts';

type Setting = { flag: string; value: string; ports: number[]; address?: string };

/** The case once with the setting on the command line, once in the environment. */
function setBothWays(name: string, setting: () => Promise<Setting>, check: (mock: MockServer) => Promise<void>): void {
  for (const how of ['flag', 'environment']) {
    test(`${name} (${how})`, async () => {
      const { flag, value, ports, address = '127.0.0.1' } = await setting();
      const flags = flag === '--ports' ? [] : ['--ports', ports.join()];
      if (flag !== '--bind') flags.push('--bind', address);
      const variable = `LK_TEST_SERVER_${flag.slice(2).replaceAll('-', '_').toUpperCase()}`;
      const mock =
        how === 'flag'
          ? await MockServer.startWith(ports, [...flags, flag, value], {}, address)
          : await MockServer.startWith(ports, flags, { [variable]: value }, address);
      try {
        await check(mock);
      } finally {
        await mock.stop();
      }
    });
  }
}

setBothWays(
  'ports are the regions in order',
  async () => {
    const ports = (await freePorts(3)).sort((a, b) => b - a);
    return { flag: '--ports', value: ports.join(', '), ports };
  },
  async (mock) => {
    const { regions } = await mock.regions();
    assert.deepEqual(
      regions.map(({ region, url }) => [region, url]),
      mock.ports.map((port, index) => [`region-${index}`, `http://127.0.0.1:${port}`]),
    );
    for (const [index, port] of mock.ports.entries()) {
      const call = await mock.call(makeRoom, {}, { url: `http://127.0.0.1:${port}` });
      assert.deepEqual(call.attempts, [[index, 200, `${index}`]]);
    }
  },
);

setBothWays(
  'the advertised host is where the SDK goes next',
  async () => ({ flag: '--advertise-host', value: 'http://elsewhere.livekit.cloud/', ports: await freePorts(2) }),
  async (mock) => {
    const call = await mock.call(makeRoom, control({ failRegions: [0] }), { url: `${cloud}:${mock.ports[0]}` });
    assert.equal(call.hosts[0], `mock.livekit.cloud:${mock.ports[0]}`);
    assert.equal(call.hosts.at(-1), `elsewhere.livekit.cloud:${mock.ports[1]}`);
    assert.deepEqual(call.attempts.at(-1), [1, 200, '1']);
  },
);

setBothWays(
  'it listens on the bound address only',
  async () => ({ flag: '--bind', value: '127.0.0.2', ports: await freePorts(1), address: '127.0.0.2' }),
  async (mock) => {
    assert.deepEqual((await mock.call(makeRoom, {}, { url: mock.url })).attempts, [[0, 200, '0']]);
    await assert.rejects(fetch(`http://127.0.0.1:${mock.ports[0]}/settings/regions`));
  },
);

// The Node SDK always calls /twirp: the moved API is called as it would.
setBothWays(
  'the Twirp prefix moves the API',
  async () => ({ flag: '--twirp-prefix', value: '/rpc', ports: await freePorts(1) }),
  async (mock) => {
    const response = await fetch(`${mock.url}/rpc/livekit.RoomService/CreateRoom`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await signed({ roomCreate: true })}` },
      body: JSON.stringify({ name: 'x' }),
    });
    assert.equal(((await response.json()) as { name: string }).name, 'x');
    assert.equal((await mock.call(makeRoom, {}, { url: mock.url })).error?.status, 404);
  },
);

const secret = 'a-secret-of-at-least-thirty-two-bytes';
setBothWays(
  'the secret is what tokens are checked with',
  async () => ({ flag: '--api-secret', value: secret, ports: await freePorts(1) }),
  async (mock) => {
    assert.equal((await mock.call(makeRoom, {}, { url: mock.url, secret })).error, undefined);
    assert.equal((await mock.call(makeRoom, {}, { url: mock.url })).error?.status, 401);
  },
);

test('the secret is that of a development server by default', async () => {
  const ports = await freePorts(1);
  const mock = await MockServer.startWith(ports, ['--ports', ports.join(), '--bind', '127.0.0.1']);
  try {
    assert.equal((await mock.call(makeRoom, {}, { url: mock.url, secret: 'secret' })).error, undefined);
  } finally {
    await mock.stop();
  }
});

test('a flag wins over the environment', async () => {
  const ports = await freePorts(1);
  const flags = ['--ports', ports.join(), '--bind', '127.0.0.1', '--api-secret', 'of-the-flag'];
  const mock = await MockServer.startWith(ports, flags, { LK_TEST_SERVER_API_SECRET: 'of-the-environment' });
  try {
    assert.equal((await mock.call(makeRoom, {}, { url: mock.url, secret: 'of-the-flag' })).error, undefined);
    const { error } = await mock.call(makeRoom, {}, { url: mock.url, secret: 'of-the-environment' });
    assert.equal(error?.status, 401);
  } finally {
    await mock.stop();
  }
});
