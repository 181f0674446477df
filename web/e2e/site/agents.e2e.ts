// Agents on the site: a worker comes in with an API key, an administrator sees it, sends it into a room, and ends it all.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { AccessToken, AgentDispatchClient } from 'livekit-server-sdk';
import { Attendee } from '../harness/attendee.ts';
import { accessible } from '../harness/axe.ts';
import { BarePages } from '../harness/bare-page.ts';
import { type Browser, launchBrowser, screenshot } from '../harness/browser.ts';
import { Child } from '../harness/child.ts';
import { Site, type Visitor } from '../harness/site.ts';

let browser: Browser;
let pages: BarePages;
let site: Site;
let admin: Visitor;

before(async () => {
  browser = await launchBrowser();
  [pages, site] = await Promise.all([BarePages.start(browser), Site.start()]);
  admin = await site.administrator();
});
after(async () => {
  await pages?.stop();
  await browser?.close();
  await site?.stop();
});

type Key = { id: string; key: string; secret: string };
type Job = { id: string; room: { name: string }; metadata?: string };
type Message = {
  register?: { workerId: string };
  availability?: { job: Job };
  assignment?: { job: { id: string }; token: string; url?: string };
  termination?: { jobId: string };
};

const socket = () => site.url.replace('http', 'ws');
const makeKey = (name: string, grants: string[], rooms: string[] | null = null) =>
  admin.must<Key>('POST', '/api/api-keys', { name, grants, rooms });

/** A worker of LiveKit's agents, in the JSON that its protocol has. */
class Worker {
  private readonly heard: Message[] = [];
  private wake = () => {};
  readonly closed: Promise<void>;
  private readonly connection: WebSocket;

  private constructor(connection: WebSocket) {
    this.connection = connection;
    connection.addEventListener('message', ({ data }) => {
      this.heard.push(JSON.parse(data));
      this.wake();
    });
    this.closed = new Promise((closed) => connection.addEventListener('close', () => closed()));
  }

  static async start({ key, secret }: Key, agentName: string): Promise<Worker> {
    const token = new AccessToken(key, secret, { ttl: 600 });
    token.addGrant({ agent: true });
    const connection = new WebSocket(`${socket()}/agent?access_token=${await token.toJwt()}`);
    await new Promise((opened, failed) => {
      connection.addEventListener('open', opened);
      connection.addEventListener('error', () => failed(new Error('the door of agents is shut')));
    });
    const worker = new Worker(connection);
    worker.say({ register: { type: 'JT_ROOM', agentName, version: '1.2.3' } });
    await worker.hears(({ register }) => register);
    worker.say({ updateWorker: { status: 'WS_AVAILABLE', load: 0.25 } });
    return worker;
  }

  say(message: object): void {
    this.connection.send(JSON.stringify(message));
  }

  async hears<T>(wanted: (message: Message) => T | undefined): Promise<T> {
    const end = AbortSignal.timeout(30_000);
    for (;;) {
      for (const [index, message] of this.heard.entries()) {
        const found = wanted(message);
        if (found) {
          this.heard.splice(index, 1);
          return found;
        }
      }
      await new Promise<void>((heard, failed) => {
        this.wake = heard;
        end.addEventListener('abort', () => failed(new Error('nothing of the kind was heard')));
      });
    }
  }

  /** Takes the next job, in this room if one is named; what its agent joins with. */
  async takes(identity: string, room?: string): Promise<{ job: Job; token: string }> {
    const { job } = await this.hears(({ availability }) => availability);
    if (room !== undefined && job.room.name !== room) {
      this.say({ availability: { jobId: job.id, available: false } });
      return this.takes(identity, room);
    }
    this.say({ availability: { jobId: job.id, available: true, participantIdentity: identity } });
    const { token, url } = await this.hears(({ assignment }) => assignment);
    assert.equal(url, undefined, 'a worker uses the address where it found the site');
    return { job, token };
  }

  stop(): void {
    this.connection.close();
  }
}

test('an administrator sees a worker, sends its agent into a room, ends the job and drains it', async () => {
  const { slug } = await admin.must<{ slug: string }>('POST', '/api/rooms', { name: 'With a helper' });
  const ada = await Attendee.arrive(browser, site, 'Ada', admin);
  await ada.open('/admin/agents');
  const { page } = ada;
  await page.getByText('No worker is registered.').waitFor();
  assert.equal(await page.getByRole('textbox', { name: 'LIVEKIT_URL' }).inputValue(), socket());
  await accessible(page);
  await screenshot(page, 'agents-none');

  const worker = await Worker.start(await makeKey('Helpers', ['agent']), 'helper');
  const agent = await pages.open();
  try {
    await page.getByText('Available').waitFor();
    await page.getByText('25% busy').waitFor();

    await page.getByRole('button', { name: 'Send an agent…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Send', exact: true }).click();
    await dialog.getByLabel('Room').and(page.locator('[aria-invalid=true]')).fill(slug);
    await dialog.getByLabel('Agent name').fill('helper');
    await dialog.getByLabel('Metadata').fill('be kind');
    await dialog.getByRole('button', { name: 'Send', exact: true }).click();
    const { job, token } = await worker.takes('agent-1');
    assert.equal(job.metadata, 'be kind');
    await agent.join(socket(), token, { mode: 'single' });

    await page.getByRole('link', { name: slug }).waitFor();
    await page.getByText('agent-1').waitFor();
    await page.getByRole('textbox', { name: 'Room' }).fill(slug);
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByRole('button', { name: 'Take back the dispatch of helper' }).waitFor();
    await accessible(page);
    await screenshot(page, 'agents-working');

    await page.getByRole('button', { name: 'End job of helper' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'End job' }).click();
    assert.equal((await worker.hears(({ termination }) => termination)).jobId, job.id);
    await page.getByText('No agent is in a call.').waitFor();
    // It does not go by itself.
    await agent.until('sent out', () => agent.call<string>('state'), (state) => state === 'disconnected');

    await page.getByRole('button', { name: 'No new jobs for helper' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'No new jobs' }).click();
    await page.getByText('No new jobs', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'No new jobs for helper' }).waitFor({ state: 'detached' });
    await ada.open('/admin/audit');
    await page.getByRole('row').getByText('Worker gets no new jobs').first().waitFor();
    await page.getByRole('row').getByText('Agent asked for').first().waitFor();
  } finally {
    worker.stop();
    await agent.close();
    await ada.leave();
  }
});

test('a worker without a name comes into every call, and is gone with its key', async () => {
  const key = await makeKey('Everywhere', ['agent']);
  const worker = await Worker.start(key, '');
  const program = await makeKey('A program', ['room_join', 'room_admin']);
  const [person, agent] = [await pages.open(), await pages.open()];
  try {
    const token = new AccessToken(program.key, program.secret, { identity: 'ana', ttl: 600 });
    token.addGrant({ roomJoin: true, room: 'lesson' });
    await person.join(socket(), await token.toJwt(), { mode: 'single' });
    // The room of the test before is still open and wants it as well.
    const { token: sent } = await worker.takes('agent-2', 'lesson');
    await agent.join(socket(), sent, { mode: 'dual' });
    const dispatches = new AgentDispatchClient(site.url, program.key, program.secret);
    const [listed] = await dispatches.listDispatch('lesson');
    assert.equal(listed?.state?.jobs[0]?.state?.participantIdentity, 'agent-2');

    await admin.must('DELETE', `/api/api-keys/${key.id}`);
    await worker.closed;
    await agent.until('sent out', () => agent.call<string>('state'), (state) => state === 'disconnected');
    await assert.rejects(Worker.start(key, ''), /shut/);
  } finally {
    worker.stop();
    await Promise.all([person.close(), agent.close()]);
  }
});

test('a key that is for some rooms, or not for agents, is no way in', async () => {
  await assert.rejects(Worker.start(await makeKey('Lab', ['agent'], ['lab-*']), ''), /shut/);
  await assert.rejects(Worker.start(await makeKey('Lists', ['room_list']), ''), /shut/);
});

// LiveKit's own worker, where `make test-agents` has put it.
const PYTHON = path.resolve(import.meta.dirname, '../../../target/agents/bin/python');
const PROGRAM = path.resolve(import.meta.dirname, '../../../server/media-server/tests/agents/worker.py');

test('the real livekit-agents comes into every call of a room, once, until it is removed', {
  skip: !existsSync(PYTHON) && 'target/agents is not there: make test-agents',
}, async () => {
  const { slug, id } = await admin.must<{ slug: string; id: string }>('POST', '/api/rooms', { name: 'Never alone' });
  const ada = await Attendee.arrive(browser, site, 'Ada', admin);
  const grace = await Attendee.arrive(browser, site, 'Grace');
  await ada.open('/admin/agents');
  await ada.page.getByRole('button', { name: 'Add an agent to a room…' }).click();
  const dialog = ada.page.getByRole('dialog');
  await dialog.getByLabel('Room').fill(slug);
  await dialog.getByLabel('Agent name').fill('companion');
  await dialog.getByLabel('Metadata').fill('be kind');
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  const remove = ada.page.getByRole('button', { name: 'Remove companion from Never alone' });
  await remove.waitFor();
  await accessible(ada.page);
  await screenshot(ada.page, 'agents-of-rooms');

  const key = await makeKey('Companions', ['agent']);
  const worker = new Child('livekit-agents', PYTHON, [PROGRAM, 'start'], {
    WORKER: 'real',
    NAME: 'companion',
    LIVEKIT_URL: socket(),
    LIVEKIT_API_KEY: key.key,
    LIVEKIT_API_SECRET: key.secret,
  });
  type Said = { what: string; room?: string; metadata?: string };
  const said = (what: string): Said[] =>
    worker.lines
      .filter((line) => line.startsWith(`{"what": "${what}"`))
      .map((line) => JSON.parse(line))
      .filter((line: Said) => what === 'registered' || line.room === id);
  const until = (what: string, count: number) =>
    worker.until(`${what} ${count}`, async () => said(what).length >= count, 90_000);
  try {
    await until('registered', 1);
    await ada.join(slug);
    await until('joined', 1);
    assert.equal(said('joined')[0]?.metadata, 'be kind');
    await grace.join(slug);
    const dispatches = () => admin.must<{ agent_name: string; jobs: number }[]>('GET', `/api/agents/dispatches?room=${slug}`);
    assert.deepEqual((await dispatches()).map(({ agent_name, jobs }) => [agent_name, jobs]), [['companion', 1]]);

    await admin.must('POST', `/api/rooms/${slug}/end`);
    await until('ended', 1);
    // An agent's token counts whole seconds: one of the very second of the end is withdrawn with all others.
    await ada.page.waitForTimeout(1_100);
    await ada.join(slug);
    await until('joined', 2);
    await admin.must('POST', `/api/rooms/${slug}/end`);
    await until('ended', 2);

    await ada.open('/admin/agents');
    await remove.click();
    await ada.page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
    await remove.waitFor({ state: 'detached' });
    await ada.join(slug);
    await grace.join(slug);
    // Whoever is wanted is asked for when the call begins: nobody of that name is.
    assert.deepEqual((await dispatches()).map(({ agent_name }) => agent_name), ['']);
    assert.equal(said('asked').length, 2);
    await ada.open('/admin/audit');
    await ada.page.getByRole('row').getByText('Agent added to a room’s calls').first().waitFor();
    await ada.page.getByRole('row').getByText('Agent removed from a room’s calls').first().waitFor();
  } finally {
    await worker.stop();
    await Promise.all([ada.leave(), grace.leave()]);
  }
});

test('commands of the configuration are kept alive, and nothing of them is left when the site is killed', {
  skip: !existsSync(PYTHON) && 'target/agents is not there: make test-agents',
}, async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'convoke-commands-'));
  const config = path.join(folder, 'convoke.yaml');
  const envFile = path.join(folder, 'worker.env');
  await writeFile(envFile, 'WORKER=kept\nNAME=kept\n', { mode: 0o600 });
  await writeFile(config, [
    'agents:', '  commands:',
    '    - name: kept', `      command: [${PYTHON}, ${PROGRAM}, start]`, `      env_file: ${envFile}`,
    '    - name: shell', '      command: [sh, -c, "sleep 3600 & wait"]', '      count: 2',
  ].join('\n'));
  const own = await Site.start({ CONVOKE_CONFIG: config });
  const boss = await own.administrator();
  const ada = await Attendee.arrive(browser, own, 'Ada', boss);
  type Command = { name: string; stopped: boolean; processes: { state: string; pid: number }[] };
  const command = async (name: string) => {
    const all = await boss.must<Command[]>('GET', '/api/agents/commands');
    return all.find((it) => it.name === name) as Command;
  };
  const { page } = ada;
  try {
    await ada.open('/admin/agents');
    // The worker itself registers with the key that it was given.
    await page.getByText('Available').waitFor({ timeout: 90_000 });
    await accessible(page);
    await screenshot(page, 'agents-commands');
    const { slug } = await boss.must<{ slug: string }>('POST', '/api/rooms', { name: 'Kept' });
    await boss.must('POST', '/api/agents/dispatches', { room: slug, agent_name: 'kept' });
    await page.getByRole('button', { name: 'Log of kept' }).click();
    await page.getByRole('dialog').getByText(/"what": "joined"/).waitFor();
    await accessible(page);
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).first().click();

    await page.getByRole('button', { name: 'Scale shell' }).click();
    await page.getByRole('dialog').getByLabel('Processes').fill('3');
    await page.getByRole('dialog').getByRole('button', { name: 'Scale', exact: true }).click();
    await ada.until('three', async () => (await command('shell')).processes.filter(({ state }) => state === 'running').length === 3);
    await page.getByRole('button', { name: 'Stop kept' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByRole('button', { name: 'Start kept' }).waitFor();
    await page.getByText('No worker is registered.').waitFor({ timeout: 30_000 });
    const before = (await command('shell')).processes.map(({ pid }) => pid);

    own.child.signal('SIGKILL');
    const left = async () => {
      const lists = await Promise.all(before.map((pid) => groupOf(pid)));
      return lists.flat();
    };
    await own.startAgain();
    await ada.until('nothing is left', async () => (await left()).length === 0);
    // What was decided holds.
    await ada.until('three again', async () => (await command('shell')).processes.length === 3);
    assert.equal((await command('kept')).stopped, true);
  } finally {
    await ada.leave();
    await own.stop();
    await rm(folder, { recursive: true });
  }
});

/** Who is in this process group and not dead. */
async function groupOf(leader: number): Promise<number[]> {
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(group) === leader && state !== 'Z' && state !== 'X') found.push(Number(entry));
  }
  return found;
}
