import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { TelephonyCard } from './TelephonyCard';

const services = (state: string) => ({
  body: [{ service: 'sip', state, without_worker_since: null }],
});
const TRUNK = {
  id: 'ST_1',
  has_password: true,
  settings: {
    kind: 'inbound',
    name: 'Provider',
    numbers: ['+15105550100'],
    auth_username: 'us',
    headers: { 'X-Site': 'a' },
  },
};
const RULE = {
  id: 'SDR_1',
  pin: '1234',
  has_pin: true,
  settings: {
    name: 'Lab',
    target: { kind: 'direct', room: 'lab' },
    trunk_ids: ['ST_1'],
  },
};

function serveTelephony(role: string) {
  return serve({
    'GET /api/auth/me': { body: { id: 'a', role } },
    'GET /api/livekit/services': services('ready'),
    'GET /api/sip/trunks': { body: [TRUNK] },
    'GET /api/sip/rules': { body: [RULE] },
    'GET /api/sip/calls': { body: [] },
    'PUT /api/sip/trunks/ST_1': { body: TRUNK },
    'PUT /api/sip/rules/SDR_1': { body: RULE },
  });
}

test.each(['needs_redis', 'not_supported', 'unreachable'])(
  'telephony that is %s says what to do, and shows no empty lists',
  async (state) => {
    serve({
      'GET /api/auth/me': { body: { id: 'a', role: 'admin' } },
      'GET /api/livekit/services': services(state),
    });
    show(<TelephonyCard />, '/admin/telephony');
    await screen.findByText(
      {
        needs_redis: /Set livekit\.redis/,
        not_supported: /built-in/,
        unreachable: /does not answer/,
      }[state] as RegExp,
    );
    expect(screen.queryByText('Trunks')).toBeNull();
  },
);

test('a trunk that is changed keeps what the form does not show', async () => {
  const asked = serveTelephony('admin');
  show(<TelephonyCard />, '/admin/telephony');
  await userEvent.click(await screen.findByRole('button', { name: 'Change Provider' }));
  const dialog = within(await screen.findByRole('dialog'));
  dialog.getByText('One is set; leave this empty to keep it.');
  const name = dialog.getByRole('textbox', { name: /^Name/ });
  await userEvent.clear(name);
  await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
  await dialog.findByText('This is required.');
  await userEvent.type(name, 'Other');
  await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
  await expect.poll(() => asked.some(({ call }) => call === 'PUT /api/sip/trunks/ST_1')).toBe(true);
  const sent = asked.find(({ call }) => call === 'PUT /api/sip/trunks/ST_1')?.body;
  expect(sent).toMatchObject({
    kind: 'inbound',
    name: 'Other',
    numbers: ['+15105550100'],
    auth_password: null,
    headers: { 'X-Site': 'a' },
  });
  expect(sent).not.toHaveProperty('id');
});

test('a rule goes to a room of each caller once it is changed', async () => {
  const asked = serveTelephony('admin');
  show(<TelephonyCard />, '/admin/telephony');
  await userEvent.click(await screen.findByRole('button', { name: 'Change Lab' }));
  const dialog = within(await screen.findByRole('dialog'));
  await userEvent.click(dialog.getByRole('button', { name: /Callers come into/ }));
  await userEvent.click(await screen.findByRole('option', { name: /A room each/ }));
  await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
  await expect.poll(() => asked.some(({ call }) => call === 'PUT /api/sip/rules/SDR_1')).toBe(true);
  expect(asked.find(({ call }) => call === 'PUT /api/sip/rules/SDR_1')?.body).toMatchObject({
    target: { kind: 'individual', room_prefix: 'call-' },
    pin: '1234',
    trunk_ids: ['ST_1'],
  });
});

test('a trunk is changed whole as JSON once the text is right', async () => {
  const message = { sipTrunkId: 'ST_1', name: 'Provider', authRealm: 'example.org' };
  const answers: Record<string, { status?: number; body?: unknown }> = {
    'GET /api/auth/me': { body: { id: 'a', role: 'admin' } },
    'GET /api/livekit/services': services('ready'),
    'GET /api/sip/trunks': { body: [TRUNK] },
    'GET /api/sip/rules': { body: [] },
    'GET /api/sip/calls': { body: [] },
    'GET /api/sip/trunks/ST_1/message': { body: message },
    'PUT /api/sip/trunks/ST_1/message': {
      status: 422,
      body: {
        code: 'validation_failed',
        detail: 'media.codec: unknown field',
        errors: [{ field: 'media.codec', code: 'unknown', detail: 'unknown field' }],
      },
    },
  };
  const asked = serve(answers);
  show(<TelephonyCard />, '/admin/telephony');
  await userEvent.click(await screen.findByRole('button', { name: 'Provider as JSON' }));
  const dialog = within(await screen.findByRole('dialog'));
  const text = await dialog.findByRole('textbox', { name: /^LiveKit's JSON/ });
  expect(JSON.parse((text as HTMLTextAreaElement).value)).toEqual(message);
  const write = async (what: string) => {
    await userEvent.clear(text);
    await userEvent.click(text);
    await userEvent.paste(what);
    await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
  };
  await write('{"name": "x",}');
  await dialog.findByText(/This is not JSON/);
  await write('[]');
  await dialog.findByText(/This must be an object/);
  expect(asked.some(({ call }) => call.startsWith('PUT'))).toBe(false);
  await write('{"name": "x", "media": {"codec": 1}}');
  await dialog.findByText('media.codec: there is no such field.');
  answers['PUT /api/sip/trunks/ST_1/message'] = { body: message };
  await write('{"name": "x"}');
  await expect.poll(() => screen.queryByRole('dialog')).toBeNull();
  expect(asked.findLast(({ call }) => call.startsWith('PUT'))?.body).toEqual({ name: 'x' });
});

test('an auditor looks and changes nothing', async () => {
  serveTelephony('auditor');
  show(<TelephonyCard />, '/admin/telephony');
  await screen.findByRole('button', { name: 'Provider as JSON' });
  for (const name of [/^Change/, /^Delete/, 'New trunk', 'New rule', 'Call somebody…'])
    expect(screen.queryByRole('button', { name })).toBeNull();
});
