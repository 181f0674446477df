// The documented recipes, each of them one case as an SDK's own test would write it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type LiveKitAPI, SipCallError } from 'livekit-server-sdk';
import { both, type Call, control, makeRoom, MockServer, signed } from '../harness/mock-server.ts';

let mock: MockServer;
before(async () => {
  mock = await MockServer.start();
});
after(() => mock?.stop());

const regionsOf = (call: Call<unknown>) => call.attempts.map(([region]) => region);
const dial = (sdk: LiveKitAPI) => sdk.sip.createSipParticipant('ST_1', '+15105550100', 'my-room');

test('happy path', async () => {
  const call = await mock.call(makeRoom);
  assert.deepEqual(call.attempts, [[0, 200, '0']]);
  assert.deepEqual([call.answer?.name, call.answer?.sid], ['my-room', 'MOCK_SID']);
});

both('bypass auth', { 'x-lk-mock-skip-auth': 'true' }, { skipAuth: true }, async (headers) => {
  assert.equal((await mock.call(makeRoom, headers, { token: 'test-token' })).error, undefined);
});

test('missing permission', async () => {
  const { error } = await mock.call(makeRoom, {}, { token: await signed({ roomList: true }) });
  assert.deepEqual([error?.status, error?.code], [403, 'permission_denied']);
});

both('failover succeeds on region 1', { 'x-lk-mock-fail-regions': '0' }, { failRegions: [0] }, async (headers) => {
  const call = await mock.call(makeRoom, headers);
  assert.deepEqual([regionsOf(call), call.error], [[0, 1], undefined]);
});

both('exhaust to region 2', { 'x-lk-mock-fail-regions': '0,1' }, { failRegions: [0, 1] }, async (headers) => {
  const call = await mock.call(makeRoom, headers);
  assert.deepEqual([regionsOf(call), call.error], [[0, 1, 2], undefined]);
});

both('all regions down', { 'x-lk-mock-fail-regions': '0,1,2,3' }, { failRegions: [0, 1, 2, 3] }, async (headers) => {
  const call = await mock.call(makeRoom, headers);
  assert.deepEqual(regionsOf(call), [0, 1, 2], 'the SDK makes three attempts');
  assert.equal(call.error?.status, 503);
});

both(
  '4xx is not retried',
  { 'x-lk-mock-fail-regions': '0', 'x-lk-mock-fail-status': '400' },
  { failRegions: [0], failStatus: 400 },
  async (headers) => {
    const call = await mock.call(makeRoom, headers);
    assert.deepEqual([regionsOf(call), call.error?.code], [[0], 'invalid_argument']);
  },
);

both(
  'transport-error failover',
  { 'x-lk-mock-fail-regions': '0', 'x-lk-mock-fail-mode': 'drop' },
  { failRegions: [0], failMode: 'drop' },
  async (headers) => {
    const call = await mock.call(makeRoom, headers);
    assert.deepEqual([regionsOf(call), call.error], [[0, 1], undefined]);
  },
);

both(
  'region discovery unreachable',
  { 'x-lk-mock-fail-regions': '0', 'x-lk-mock-regions-status': '500' },
  { failRegions: [0], regionsStatus: 500 },
  async (headers) => {
    const call = await mock.call(makeRoom, headers);
    assert.deepEqual(new Set(regionsOf(call)), new Set([0]));
    assert.equal(call.error?.status, 503);
  },
);

const payload = { sid: 'RM_x', name: 'my-room' };
both('custom response payload', { 'x-lk-mock-response': JSON.stringify(payload) }, { response: payload }, async (headers) => {
  const { answer } = await mock.call(makeRoom, headers);
  assert.deepEqual([answer?.sid, answer?.name, answer?.metadata], ['RM_x', 'my-room', '']);
});

test('timeout', async () => {
  const { error } = await mock.call(makeRoom, control({ delayMs: 30_000 }), { requestTimeout: 1 });
  assert.equal(error?.name, 'TimeoutError');
});

test('SIP busy signal', async () => {
  const { error } = await mock.call(dial, control({ sipStatus: { code: 486, status: 'Busy Here' } }));
  assert.ok(error instanceof SipCallError);
  assert.deepEqual([error.sipStatusCode, error.sipStatus], [486, 'Busy Here']);
});

test('SIP carrier decline', async () => {
  const { error } = await mock.call(dial, control({ sipStatus: { code: 603 } }));
  assert.ok(error instanceof SipCallError);
  assert.deepEqual([error.code, error.sipStatusCode], ['permission_denied', 603]);
});

test('a host that is not of the cloud is not left', async () => {
  const call = await mock.call(makeRoom, control({ failRegions: [0] }), { url: mock.url });
  assert.deepEqual([regionsOf(call), call.discoveries], [[0], []]);
});
