// Each control header, in its own spelling and as a field of X-Lk-Mock; one row of the documented tables is one case.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type LiveKitAPI, ServerError, SipCallError } from 'livekit-server-sdk';
import { type Attempt, both, cloud, control, makeRoom, MockServer } from '../harness/mock-server.ts';

let mock: MockServer;
before(async () => {
  mock = await MockServer.start();
});
after(() => mock?.stop());

const served = (region: number): Attempt => [region, 200, `${region}`];
const failed = (region: number): Attempt => [region, 503, ''];

describe('which region fails', () => {
  both('a listed region fails and the next serves', { 'x-lk-mock-fail-regions': '0' }, { failRegions: [0] }, async (headers) => {
    const call = await mock.call(makeRoom, headers);
    assert.deepEqual(call.attempts, [failed(0), served(1)]);
    assert.equal(call.answer?.name, 'my-room');
  });

  both('two listed regions fail', { 'x-lk-mock-fail-regions': '0, 1' }, { failRegions: [0, 1] }, async (headers) => {
    assert.deepEqual((await mock.call(makeRoom, headers)).attempts, [failed(0), failed(1), served(2)]);
  });

  both('a region that is not listed serves', { 'x-lk-mock-fail-regions': '1,2,3' }, { failRegions: [1, 2, 3] }, async (headers) => {
    assert.deepEqual((await mock.call(makeRoom, headers)).attempts, [served(0)]);
  });
});

describe('how it fails', () => {
  both(
    'mode status answers a Twirp error',
    { 'x-lk-mock-fail-regions': '0', 'x-lk-mock-fail-mode': 'status' },
    { failRegions: [0], failMode: 'status' },
    async (headers) => {
      const call = await mock.call(makeRoom, headers, { url: mock.url });
      assert.deepEqual(call.attempts, [failed(0)]);
      assert.ok(call.error instanceof ServerError);
      assert.equal(call.error.code, 'unavailable');
    },
  );

  both(
    'mode drop closes the connection',
    { 'x-lk-mock-fail-regions': '0', 'x-lk-mock-fail-mode': 'drop' },
    { failRegions: [0], failMode: 'drop' },
    async (headers) => {
      assert.deepEqual((await mock.call(makeRoom, headers)).attempts, [[0, null, null], served(1)]);
      const alone = await mock.call(makeRoom, headers, { url: mock.url });
      assert.ok(alone.error instanceof TypeError);
    },
  );

  test('mode delay waits before it fails', async () => {
    const headers = {
      'x-lk-mock-fail-regions': '0',
      'x-lk-mock-fail-mode': 'delay',
      'x-lk-mock-fail-status': '500',
      'x-lk-mock-delay-ms': '400',
    };
    const call = await mock.call(makeRoom, headers, { url: mock.url });
    assert.deepEqual(call.attempts, [[0, 500, '']]);
    assert.ok(call.milliseconds >= 400);
  });

  test('mode delay is longer than a client waits by default, which then goes on', async () => {
    const headers = { 'x-lk-mock-fail-regions': '0', 'x-lk-mock-fail-mode': 'delay' };
    const call = await mock.call(makeRoom, headers, { requestTimeout: 5 });
    assert.deepEqual(call.attempts, [[0, null, null], served(1)]);
  });

  both('the status is 503 by default', { 'x-lk-mock-fail-regions': '0,1,2,3' }, { failRegions: [0, 1, 2, 3] }, async (headers) => {
    const { error } = await mock.call(makeRoom, headers);
    assert.deepEqual([error?.status, error?.code], [503, 'unavailable']);
  });

  const codes: [number, string][] = [
    [400, 'invalid_argument'],
    [401, 'unauthenticated'],
    [403, 'permission_denied'],
    [404, 'not_found'],
    [409, 'internal'],
    [429, 'resource_exhausted'],
    [500, 'unavailable'],
    [502, 'unavailable'],
  ];
  for (const [status, code] of codes) {
    both(
      `status ${status} gives ${code}`,
      { 'x-lk-mock-fail-regions': '0', 'x-lk-mock-fail-status': `${status}` },
      { failRegions: [0], failStatus: status },
      async (headers) => {
        const call = await mock.call(makeRoom, headers, { url: mock.url });
        assert.deepEqual([call.error?.status, call.error?.code], [status, code]);
        assert.deepEqual(call.attempts, [[0, status, '']]);
      },
    );
  }

  both(
    'the Twirp code can be given',
    { 'x-lk-mock-fail-regions': '0', 'x-lk-mock-fail-status': '409', 'x-lk-mock-fail-twirp-code': 'already_exists' },
    { failRegions: [0], failStatus: 409, failTwirpCode: 'already_exists' },
    async (headers) => {
      const { error } = await mock.call(makeRoom, headers);
      assert.deepEqual([error?.status, error?.code], [409, 'already_exists']);
    },
  );
});

describe('delays', () => {
  test('the older delay header alone delays nothing', async () => {
    const call = await mock.call(makeRoom, { 'x-lk-mock-delay-ms': '30000' });
    assert.deepEqual(call.attempts, [served(0)]);
  });

  test('a delay holds back a success', async () => {
    const call = await mock.call(makeRoom, control({ delayMs: 400 }));
    assert.deepEqual(call.attempts, [served(0)]);
    assert.ok(call.milliseconds >= 400);
  });

  test('a delay holds back a failure', async () => {
    const call = await mock.call(makeRoom, control({ delayMs: 400, failRegions: [0] }), { url: mock.url });
    assert.deepEqual(call.attempts, [failed(0)]);
    assert.ok(call.milliseconds >= 400);
  });
});

describe('region discovery', () => {
  both(
    'its status can be given',
    { 'x-lk-mock-fail-regions': '0', 'x-lk-mock-regions-status': '500' },
    { failRegions: [0], regionsStatus: 500 },
    async (headers) => {
      const call = await mock.call(makeRoom, headers);
      assert.deepEqual(new Set(call.attempts.map(String)), new Set([String(failed(0))]));
      assert.deepEqual(new Set(call.discoveries), new Set([500]));
      assert.equal(call.error?.status, 503);
    },
  );

  both('it is answered by default', { 'x-lk-mock-fail-regions': '0' }, { failRegions: [0] }, async (headers) => {
    assert.deepEqual((await mock.call(makeRoom, headers)).discoveries, [200]);
  });

  test('it names every region in order and is not cached', async () => {
    const { regions, headers } = await mock.regions();
    assert.deepEqual(
      regions.map(({ region, url, distance = '0' }) => [region, url, distance]),
      mock.ports.map((port, index) => [`region-${index}`, `${cloud}:${port}`, `${index}`]),
    );
    assert.equal(headers.get('cache-control'), 'max-age=0');
    assert.equal(headers.get('x-lk-mock-region'), '0');
  });
});

describe('the answer', () => {
  const payload = { sid: 'RM_x', name: 'another', numParticipants: 3 };
  both('can be given', { 'x-lk-mock-response': JSON.stringify(payload) }, { response: payload }, async (headers) => {
    const { answer } = await mock.call(makeRoom, headers);
    assert.deepEqual([answer?.sid, answer?.name, answer?.numParticipants, answer?.metadata], ['RM_x', 'another', 3, '']);
  });

  both('needs no authorization when that is skipped', { 'x-lk-mock-skip-auth': 'true' }, { skipAuth: true }, async (headers) => {
    assert.deepEqual((await mock.call(makeRoom, headers, { token: 'placeholder' })).attempts, [served(0)]);
  });

  both('needs authorization otherwise', { 'x-lk-mock-skip-auth': 'false' }, { skipAuth: false }, async (headers) => {
    const { error } = await mock.call(makeRoom, headers, { token: 'placeholder' });
    assert.deepEqual([error?.status, error?.code], [401, 'unauthenticated']);
  });
});

// At once, for some take 11 s; elsewhere the SDK would share one region discovery among concurrent calls.
describe('telephone calls', { concurrency: true }, () => {
  const dial = (sdk: LiveKitAPI) =>
    sdk.sip.createSipParticipant('ST_1', '+15105550100', 'my-room', { participantIdentity: 'caller' });
  const transfer = (sdk: LiveKitAPI) => sdk.sip.transferSipParticipant('my-room', 'caller', 'tel:+15105550122');

  const statuses: [number, string, string][] = [
    [486, 'Busy Here', 'failed_precondition'],
    [408, 'Request Timeout', 'deadline_exceeded'],
    [603, 'Go away', 'permission_denied'],
    [404, 'Not Found', 'not_found'],
  ];
  for (const [place, name] of [[dial, 'a call'], [transfer, 'a transfer']] as const) {
    for (const [code, status, twirpCode] of statuses) {
      test(`${name} fails with SIP status ${code}`, async () => {
        const headers = control({ sipStatus: { code, status }, delayMs: 0 });
        const { error } = await mock.call<unknown>(place, headers, { url: mock.url });
        assert.ok(error instanceof SipCallError);
        assert.deepEqual([error.code, error.sipStatusCode, error.sipStatus], [twirpCode, code, status]);
        assert.ok(error.metadata?.error_details);
      });
    }
  }

  test('a SIP status concerns calls only', async () => {
    assert.deepEqual((await mock.call(makeRoom, control({ sipStatus: { code: 486 } }))).attempts, [served(0)]);
  });

  const waiting = (sdk: LiveKitAPI) =>
    sdk.sip.createSipParticipant('ST_1', '+15105550100', 'my-room', { waitUntilAnswered: true });
  test('a call that waits for an answer takes about 11 s', async () => {
    const call = await mock.call(waiting);
    assert.deepEqual(call.attempts, [served(0)]);
    assert.ok(call.milliseconds >= 10_500 && call.milliseconds < 20_000, `${call.milliseconds} ms`);
  });

  test('a transfer takes about 11 s', async () => {
    const call = await mock.call(transfer);
    assert.deepEqual(call.attempts, [served(0)]);
    assert.ok(call.milliseconds >= 10_500 && call.milliseconds < 20_000, `${call.milliseconds} ms`);
  });

  test('a call that does not wait is answered at once', async () => {
    const call = await mock.call(dial);
    assert.equal(call.answer?.participantIdentity, 'caller');
    assert.ok(call.milliseconds < 5000);
  });

  test('a delay of nothing skips the wait for an answer', async () => {
    const call = await mock.call(waiting, control({ delayMs: 0 }));
    assert.deepEqual(call.attempts, [served(0)]);
    assert.ok(call.milliseconds < 5000);
  });

  test('a ring, then a refusal', async () => {
    const call = await mock.call(dial, control({ sipStatus: { code: 486 }, delayMs: 400 }), { url: mock.url });
    assert.ok(call.error instanceof SipCallError);
    assert.ok(call.milliseconds >= 400);
  });
});

describe('region pins', () => {
  test('a region that is not pinned answers 451', async () => {
    const call = await mock.call(makeRoom, control({ pinnedRegions: ['region-1'] }));
    assert.equal(call.error?.status, 451);
    assert.equal(call.error?.message, 'project not allowed in this region.');
    assert.deepEqual(call.attempts, [[0, 451, '']]);
  });

  test('a pinned region serves', async () => {
    const call = await mock.call(makeRoom, control({ pinnedRegions: ['region-3', 'region-0'] }));
    assert.deepEqual(call.attempts, [served(0)]);
  });

  test('no pins hold no region back', async () => {
    assert.deepEqual((await mock.call(makeRoom, control({ pinnedRegions: [] }))).attempts, [served(0)]);
  });

  test('discovery names the pinned regions only', async () => {
    const { regions } = await mock.regions(control({ pinnedRegions: ['region-2', 'region-99'] }));
    assert.deepEqual(regions.map(({ region }) => region), ['region-2']);
  });
});

describe('both spellings at once', () => {
  test('a field wins over its older header', async () => {
    const headers = { 'x-lk-mock-fail-regions': '0', ...control({ failRegions: [1] }) };
    assert.deepEqual((await mock.call(makeRoom, headers)).attempts, [served(0)]);
  });

  test('an absent field leaves the older header alone', async () => {
    const headers = { 'x-lk-mock-fail-regions': '0', ...control({ failStatus: 400 }) };
    assert.equal((await mock.call(makeRoom, headers)).error?.code, 'invalid_argument');
  });
});

describe('the response header', () => {
  test('names the region that served', async () => {
    for (const [index, port] of mock.ports.entries()) {
      const call = await mock.call(makeRoom, {}, { url: `http://127.0.0.1:${port}` });
      assert.deepEqual(call.attempts, [served(index)]);
    }
  });

  test('is empty on a refusal', async () => {
    assert.deepEqual((await mock.call(makeRoom, {}, { token: 'placeholder' })).attempts, [[0, 401, '']]);
  });
});
