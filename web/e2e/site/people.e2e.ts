// One person is one person, and what was taken from them is gone at once: the real process over real HTTP.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { Site, Visitor } from '../harness/site.ts';

const PASSWORD = 'correct horse battery';
type Join = { token: string; identity: string; name: string };
type Problem = { code: string };

let site: Site;
let admin: Visitor;
before(async () => {
  site = await Site.start();
  admin = await site.administrator();
});
after(async () => {
  await site.stop();
});

const room = async (settings: object = {}) => {
  const made = await admin.must<{ slug: string }>('POST', '/api/rooms', { name: 'Room', ...settings });
  return `/api/rooms/${made.slug}`;
};
const joined = (path: string, who = site.visitor(), name = 'Mallory') =>
  who.must<Join>('POST', `${path}/join`, { name });
/** What the signal socket says to a token before it would open. */
const refusal = async (token: string, more = '') => {
  const answer = await fetch(`${site.url}/rtc/validate?access_token=${token}${more}`);
  const text = await answer.text();
  return answer.ok ? text : `${answer.status} ${(JSON.parse(text) as Problem).code}`;
};
/** Opens the signal socket as livekit-client does; resolves when it is open, and knows when it closes. */
const signal = async (token: string) => {
  const address = `${site.url.replace('http', 'ws')}/rtc?access_token=${token}&protocol=15&sdk=js`;
  const socket = new WebSocket(address);
  const closed = new Promise<void>((tell) => socket.addEventListener('close', () => tell()));
  await new Promise((tell, fail) => {
    socket.addEventListener('message', tell, { once: true });
    socket.addEventListener('error', fail, { once: true });
  });
  return { closed, close: () => socket.close() };
};

test('a banned guest is out with every connection that their token could open', async () => {
  const path = await room();
  const guest = site.visitor();
  const { token, identity } = await joined(path, guest);
  assert.equal(await refusal(token, '&publish=foo'), '403 second_connection');
  const socket = await signal(token);
  await admin.must('POST', `${path}/participants/${identity}/ban`, { reason: 'shouting' });
  await socket.closed;
  for (const more of ['', '&publish=foo', '&publish=a-b']) {
    assert.equal(await refusal(token, more), '403 banned');
  }
  const again = await guest.ask<Problem>('POST', `${path}/join`, { name: 'Mallory' });
  assert.equal(again.body.code, 'banned');
});

test('a lock and the end of a call count within the second', async () => {
  const path = await room();
  const { token } = await joined(path);
  await admin.must('PUT', `${path}/lock`, { locked: true });
  assert.equal(await refusal(token), '403 locked');
  await admin.must('PUT', `${path}/lock`, { locked: false });
  assert.equal(await refusal(token), 'success');
  await admin.must('POST', `${path}/end`, {});
  assert.equal(await refusal(token), '403 token_withdrawn');
  assert.equal(await refusal((await joined(path)).token), 'success');
});

test('a guest is not named like the host, and no name is invisible', async () => {
  const path = await room();
  for (const name of ['Ada Admin', ' ada  admin ', 'Ad\u200ba Admin\u202e', '\u200b\u3164']) {
    const answer = await site.visitor().ask('POST', `${path}/join`, { name });
    assert.equal(answer.status, 422, name);
  }
  assert.equal((await joined(path, site.visitor(), '\u202eEve\u2066')).name, 'Eve');
});

test('live events end at once with the session', async () => {
  const user = await site.user('Grace');
  const { token } = await user.must<{ token: string }>('POST', '/api/auth/sign-in', {
    email: 'grace@example.org',
    password: PASSWORD,
    bearer: true,
  });
  const headers = { authorization: `Bearer ${token}` };
  const stream = await fetch(`${site.url}/api/events`, { headers });
  assert.equal(stream.status, 200);
  await user.must('POST', '/api/auth/sessions/revoke-others');
  // It would go on for ten minutes.
  assert.equal(await stream.text(), '');
  assert.equal((await fetch(`${site.url}/api/events`, { headers })).status, 401);
});

test('sign-ins at once cost the memory of a few threads', async () => {
  const resident = async () => {
    const status = await readFile(`/proc/${site.child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  };
  const idle = await resident();
  const tries = Array.from({ length: 40 }, () =>
    site.visitor().ask('POST', '/api/auth/sign-in', {
      email: 'nobody@example.org',
      password: 'a wrong password',
    }),
  );
  const statuses = new Set((await Promise.all(tries)).map(({ status }) => status));
  assert.ok([...statuses].every((status) => status === 401 || status === 503), [...statuses].join());
  const grown = (await resident()) - idle;
  // Four threads of 19 MiB at most.
  assert.ok(grown < 110, `${grown.toFixed(0)} MiB more`);
  console.log(`# sign-ins: ${idle.toFixed(0)} MiB before, ${(idle + grown).toFixed(0)} MiB after 40 at once`);
});
