// `make seed`: fills an empty data folder with an administrator, two users and three rooms, through the API.
import { Child } from './harness/child.ts';
import { convokeBinary } from './harness/binary.ts';
import { freeTcpPort } from './harness/ports.ts';
import { Visitor } from './harness/visitor.ts';

const dataDir = process.argv[2];
if (!dataDir) throw new Error('usage: seed.ts DATA_DIR');
const port = await freeTcpPort();
const url = `http://localhost:${port}`;
const server = new Child('convoke serve', convokeBinary(), ['serve', '--data-dir', dataDir], {
  CONVOKE_SERVER__HOST: '127.0.0.1',
  CONVOKE_SERVER__PORT: `${port}`,
  CONVOKE_AUTH__REGISTRATION: 'open',
  CONVOKE_LIVEKIT__PORTS__UDP: '0',
  CONVOKE_LIVEKIT__PORTS__TCP: '0',
  CONVOKE_LIVEKIT__TURN__UDP_PORT: '0',
});
try {
  await server.until('answer', async () => (await fetch(`${url}/api/site`)).ok);
  const link = server.lines.map((line) => /\/setup\?token=(\S+)/.exec(line)?.[1]).find(Boolean);
  if (!link) throw new Error(`${dataDir} already has an administrator: seed only fills an empty folder`);
  const password = 'correct horse battery';
  const admin = new Visitor(url);
  const account = (name: string) => ({ email: `${name.toLowerCase()}@example.org`, name, password });
  await admin.must('POST', '/api/auth/setup', { token: link, ...account('Ada') });
  for (const name of ['Grace', 'Alan']) {
    await new Visitor(url).must('POST', '/api/auth/register', account(name));
  }
  await admin.must('POST', '/api/rooms', { name: 'Open house', slug: 'open-house' });
  await admin.must('POST', '/api/rooms', { name: 'Team', slug: 'team', access: 'private' });
  await admin.must('POST', '/api/rooms/team/members', { email: 'grace@example.org', role: 'moderator' });
  await admin.must('POST', '/api/rooms', { name: 'Members only', slug: 'members-only', guests_allowed: false });
  console.log(`seeded ${dataDir}: ada@, grace@ and alan@example.org, password "${password}"`);
} finally {
  await server.stop('SIGINT');
}
