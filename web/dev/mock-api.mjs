/**
 * A pretend platform for working on the pages alone: `node dev/mock-api.mjs`, then `CONVOKE_SERVER=http://localhost:8090 npm run dev`.
 * Accounts and rooms are in memory; calls work when a LiveKit server runs with `--dev` (LIVEKIT, default localhost:7880).
 */
import { createHmac, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

const PORT = Number(process.env.PORT ?? 8090);
const LIVEKIT = process.env.LIVEKIT ?? 'localhost:7880';
const SITE = process.env.SITE ?? 'http://localhost:5173';
const base64 = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = () => Date.now();

function token(claims) {
  const body = `${base64({ alg: 'HS256', typ: 'JWT' })}.${base64({ iss: 'devkey', exp: Math.floor(now() / 1000) + 600, nbf: 0, ...claims })}`;
  return `${body}.${createHmac('sha256', 'secret').update(body).digest('base64url')}`;
}
async function livekit(method, body) {
  const answer = await fetch(`http://${LIVEKIT}/twirp/livekit.RoomService/${method}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${token({ video: { roomAdmin: true, roomCreate: true, roomList: true, room: body.room ?? '' } })}`,
    },
    body: JSON.stringify(body),
  });
  return answer.ok ? answer.json() : null;
}

const user = {
  id: 'u1',
  email: 'ada@example.org',
  name: 'Ada Lovelace',
  role: 'admin',
  disabled: false,
  created_at: now(),
  last_seen_at: now(),
};
const others = ['Grace Hopper', 'Alan Turing', 'Katherine Johnson'].map((name, index) => ({
  ...user,
  id: `u${index + 2}`,
  name,
  email: `${name.split(' ')[0].toLowerCase()}@example.org`,
  role: 'user',
  disabled: index === 1,
  last_seen_at: index ? now() - 86400000 : null,
}));
const media = { audio: true, video: true, screen_share: true, chat: true };
function room(name, slug, more = {}) {
  return {
    id: randomUUID(),
    slug,
    name,
    url: `${SITE}/${slug}`,
    owner: { id: 'u1', name: user.name },
    access: 'public',
    guests_allowed: true,
    max_participants: 0,
    locked: false,
    media,
    created_at: now(),
    updated_at: now(),
    role: 'owner',
    live: { participants: 0, started_at: null },
    join: { allowed: true, reason: null },
    ...more,
  };
}
const rooms = [
  room('Weekly planning', 'abc-defg-hij'),
  room('Design review', 'design-review', { live: { participants: 3, started_at: now() } }),
  room('Office hours', 'office-hours', {
    locked: true,
    owner: { id: 'u2', name: 'Grace Hopper' },
    role: 'moderator',
  }),
  room('Board', 'board', {
    access: 'private',
    role: 'visitor',
    join: { allowed: false, reason: 'private' },
  }),
];
const page = (items) => ({ items, next_cursor: null });
const audit = [
  'room.updated',
  'room.created',
  'participant.all_muted',
  'participant.kicked',
  'participant.banned',
  'room.locked',
].map((action, index) => ({
  id: String(index),
  at: now() - index * 3600000,
  actor: { user_id: 'u1', name: user.name },
  action,
  room_slug: 'abc-defg-hij',
  target: index > 1 ? `g-${index}` : null,
  target_name: index > 1 ? 'Visitor Vic' : null,
  detail:
    action === 'room.updated'
      ? {
          changes: {
            name: { from: 'Weekly', to: 'Weekly planning' },
            'media.chat': { from: true, to: false },
          },
        }
      : {},
}));
const signedIn = new Set();
const events = new Set();
function emit(type) {
  for (const stream of events) stream.write(`event: ${type}\ndata: {}\n\n`);
}

const problem = (status, code) => ({
  status,
  body: { type: 'about:blank', title: code, status, code, detail: '' },
});
const SOURCES = { microphone: 'MICROPHONE', camera: 'CAMERA', screen_share: 'SCREEN_SHARE' };

async function answer(method, path, body, session) {
  const me = signedIn.has(session) ? user : null;
  const [, , head, ...rest] = path.split('/');
  if (head === 'site')
    return {
      body: {
        name: 'Convoke',
        version: '0.1.0',
        registration: 'open',
        setup_required: path.includes('setup') || Boolean(process.env.SETUP),
        password_min_length: 10,
        url: SITE,
        media: 'ready',
      },
    };
  if (head === 'connectivity' && rest[0] === 'check') {
    const room = `connection-check-${now()}`;
    const grants = { roomJoin: true, room, canPublish: false, canPublishData: false };
    return {
      body: {
        url: `ws://${LIVEKIT}`,
        token: token({ sub: room, video: grants }),
        expires_at: now() + 60000,
      },
    };
  }
  if (head === 'connectivity')
    return {
      body: {
        media: 'ready',
        signal_url: `ws://${LIVEKIT}`,
        udp_port: 7882,
        tcp_port: 7881,
        node_ip: '127.0.0.1',
        turn: false,
      },
    };
  if (head === 'auth') {
    if (['sign-in', 'register', 'setup'].includes(rest[0])) {
      if (body.password === 'wrong-password') return problem(401, 'wrong_credentials');
      signedIn.add(session);
      return { body: { user } };
    }
    if (rest[0] === 'sign-out') return void signedIn.delete(session) ?? { status: 204 };
    if (!me) return problem(401, 'unauthenticated');
    if (rest[0] === 'me') return { body: Object.assign(user, method === 'PATCH' ? body : {}) };
    if (rest[0] === 'sessions')
      return {
        body: page([
          {
            id: 's1',
            kind: 'cookie',
            label: null,
            user_agent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36',
            ip: '192.168.1.20',
            created_at: now(),
            last_seen_at: now(),
            current: true,
          },
          {
            id: 's2',
            kind: 'cookie',
            label: null,
            user_agent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1',
            ip: '10.1.2.3',
            created_at: now(),
            last_seen_at: now() - 7200000,
            current: false,
          },
          {
            id: 's3',
            kind: 'bearer',
            label: 'deploy script',
            user_agent: 'curl/8.5',
            ip: '10.1.2.9',
            created_at: now(),
            last_seen_at: now() - 9200000,
            current: false,
          },
        ]),
      };
    return { status: 204 };
  }
  if (head === 'users') return { body: page([user, ...others]) };
  if (head === 'invites')
    return method === 'GET'
      ? {
          body: page([
            {
              id: 'i1',
              note: 'For Emmy',
              email: null,
              created_at: now(),
              expires_at: now() + 86400000,
              used_at: null,
            },
            {
              id: 'i2',
              note: null,
              email: 'noether@example.org',
              created_at: now(),
              expires_at: now() - 1,
              used_at: null,
            },
          ]),
        }
      : {
          status: 201,
          body: {
            id: 'i3',
            code: 'k7x2',
            url: `${SITE}/sign-up?invite=k7x2`,
            note: body?.note ?? null,
            email: null,
            created_at: now(),
            expires_at: now() + 86400000,
            used_at: null,
          },
        };
  if (head === 'admin') {
    if (rest[0] === 'overview')
      return {
        body: {
          media: { status: 'ready', reason: null, engine: 'livekit-server', version: '1.11.0' },
          users: 4,
          rooms: rooms.length,
          live_rooms: 1,
          live_participants: 3,
          started_at: now() - 90000000,
          version: '0.1.0',
          database: 'sqlite',
        },
      };
    return { body: page(rest[0] === 'rooms' ? rooms : audit) };
  }
  if (head !== 'rooms') return problem(404, 'not_found');
  if (rest.length === 0) {
    if (method === 'GET') return { body: page(rooms.filter(({ role }) => role !== 'visitor')) };
    const made = room(body.name, `new-${rooms.length}-room`, { access: body.access });
    rooms.unshift(made);
    return { status: 201, body: made };
  }
  const found = rooms.find(({ slug, id }) => [slug, id].includes(rest[0]));
  if (!found) return problem(404, 'not_found');
  const view = { ...found, role: me ? found.role : 'visitor' };
  const action = rest[1];
  const identity = decodeURIComponent(rest[2] ?? '');
  if (!action) {
    if (method === 'PATCH') Object.assign(found, body);
    return { body: view };
  }
  const own = me ? `u-${user.id}-${session.slice(0, 6)}` : `g-${session.slice(0, 8)}`;
  switch (action) {
    case 'join': {
      const name = me ? user.name : body.name;
      return {
        body: {
          url: `ws://${LIVEKIT}`,
          token: token({
            sub: own,
            name,
            video: {
              roomJoin: true,
              room: found.slug,
              canPublish: true,
              canSubscribe: true,
              canPublishData: true,
            },
          }),
          expires_at: now() + 600000,
          identity: own,
          name,
          room: view,
          role: view.role,
        },
      };
    }
    case 'lock':
      found.locked = body.locked;
      emit('room.updated');
      return { body: found };
    case 'hand':
      await livekit('UpdateParticipant', {
        room: found.slug,
        identity: body.identity ?? own,
        attributes: { hand_raised_at: body.raised ? String(now()) : '' },
      });
      return { status: 204 };
    case 'end':
      await livekit('DeleteRoom', { room: found.slug });
      return { status: 204 };
    case 'mute-all':
      return { body: { muted: 2 } };
    case 'participants': {
      const listed = (await livekit('ListParticipants', { room: found.slug }))?.participants ?? [];
      if (!identity)
        return {
          body: {
            items: listed.map((one) => ({
              identity: one.identity,
              sid: one.sid,
              name: one.name,
              role: one.identity.startsWith('u-') ? 'owner' : 'visitor',
              user_id: null,
              guest: one.identity.startsWith('g-'),
              joined_at: now(),
              state: 'active',
              permissions: media,
              tracks: [],
              hand_raised_at: null,
            })),
          },
        };
      if (rest[3] === 'mute') {
        const track = listed
          .find((one) => one.identity === identity)
          ?.tracks.find(({ source }) => source === SOURCES[body.source]);
        if (track)
          await livekit('MutePublishedTrack', {
            room: found.slug,
            identity,
            track_sid: track.sid,
            muted: true,
          });
        return { status: 204 };
      }
      if (rest[3] === 'permissions') return { body: {} };
      await livekit('RemoveParticipant', { room: found.slug, identity });
      return { status: rest[3] === 'kick' ? 204 : 201, body: {} };
    }
    case 'members':
      return {
        body: page(
          others.slice(0, 2).map((one, index) => ({
            user_id: one.id,
            name: one.name,
            email: one.email,
            role: index ? 'member' : 'moderator',
            added_at: now(),
          })),
        ),
      };
    case 'bans':
      return {
        body: page([
          {
            id: 'b1',
            identity: 'g-x',
            name: 'Visitor Vic',
            reason: 'Noise',
            banned_by: user.name,
            created_at: now(),
          },
        ]),
      };
    case 'meetings':
      return {
        body: page([
          {
            id: 'm1',
            sid: 'RM_1',
            started_at: now() - 600000,
            ended_at: null,
            attendances: [
              {
                identity: 'a',
                name: 'Ada Lovelace',
                user_id: 'u1',
                joined_at: 0,
                left_at: null,
                seconds: 600,
              },
            ],
          },
          {
            id: 'm2',
            sid: 'RM_2',
            started_at: now() - 90000000,
            ended_at: now() - 86400000,
            attendances: [
              {
                identity: 'a',
                name: 'Ada Lovelace',
                user_id: 'u1',
                joined_at: 0,
                left_at: 0,
                seconds: 3600,
              },
              {
                identity: 'g',
                name: 'Grace Hopper',
                user_id: 'u2',
                joined_at: 0,
                left_at: 0,
                seconds: 3100,
              },
            ],
          },
        ]),
      };
    case 'audit':
      return { body: page(audit) };
    default:
      return problem(404, 'not_found');
  }
}

createServer(async (request, response) => {
  const url = new URL(request.url, 'http://mock');
  let session = /mock=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1];
  if (!session) {
    session = randomUUID();
    response.setHeader('set-cookie', `mock=${session}; Path=/`);
  }
  if (url.pathname === '/api/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': hello\n\n');
    events.add(response);
    request.on('close', () => events.delete(response));
    return;
  }
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  const { status = 200, body } = await answer(
    request.method,
    url.pathname,
    text ? JSON.parse(text) : undefined,
    session,
  ).catch((error) => problem(500, String(error)));
  response.writeHead(status, {
    'content-type': status < 400 ? 'application/json' : 'application/problem+json',
  });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}).listen(PORT, () => console.log(`mock API on http://localhost:${PORT}`));
