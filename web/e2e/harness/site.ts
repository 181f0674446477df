// A whole `convoke serve` under test: own data folder, free ports, loopback only.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { convokeBinary } from './binary.ts';
import { Child, killThoseOf, watchFolder } from './child.ts';
import { freeTcpPort, freeUdpPort } from './ports.ts';
import { Visitor } from './visitor.ts';

export { Visitor };


export class Site {
  child: Child;
  readonly url: string;
  readonly dataDir: string;
  private readonly env: Record<string, string>;

  private constructor(child: Child, url: string, dataDir: string, env: Record<string, string>) {
    this.child = child;
    this.url = url;
    this.dataDir = dataDir;
    this.env = env;
  }

  /** `log`: a file that takes standard error, instead of the test; `binary`: another program than the one under test. */
  static async start(extra: Record<string, string> = {}, log?: string, binary?: string): Promise<Site> {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'convoke-site-'));
    watchFolder(dataDir);
    const port = extra.CONVOKE_SERVER__PORT ?? `${await freeTcpPort()}`;
    const env = {
      CONVOKE_SERVER__HOST: '127.0.0.1',
      CONVOKE_SERVER__PORT: port,
      CONVOKE_SERVER__DATA_DIR: dataDir,
      CONVOKE_LIVEKIT__ENGINE: process.env.LIVEKIT_SERVER_BIN ? 'livekit-server' : 'built-in',
      CONVOKE_LIVEKIT__BINARY: process.env.LIVEKIT_SERVER_BIN ?? '',
      CONVOKE_LIVEKIT__NODE_IP: process.env.E2E_NODE_IP ?? '127.0.0.1',
      CONVOKE_LIVEKIT__PORTS__UDP: `${await freeUdpPort()}`,
      CONVOKE_LIVEKIT__PORTS__TCP: `${await freeTcpPort()}`,
      CONVOKE_LIVEKIT__TURN__UDP_PORT: '0',
      // Sites side by side would want the same port.
      CONVOKE_LIVEKIT__INGRESS__RTMP_PORT: '0',
      CONVOKE_AUTH__REGISTRATION: 'open',
      CONVOKE_AUTH__SIGN_IN_PER_MINUTE: '1000',
      CONVOKE_AUTH__JOIN_PER_MINUTE: '10000',
      ...extra,
    };
    const scheme = (extra.CONVOKE_SERVER__TLS ?? 'off') === 'off' ? 'http' : 'https';
    const site = new Site(Site.spawn(env, log, binary), `${scheme}://localhost:${port}`, dataDir, env);
    try {
      await site.ready();
    } catch (error) {
      await site.stop();
      throw error;
    }
    return site;
  }

  /** A server in a network namespace that this process does not reach, with what a fresh machine has; it is called `url`. */
  static async startIn(namespace: string, url: string, extra: Record<string, string>): Promise<Site> {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'convoke-site-'));
    watchFolder(dataDir);
    const env = {
      CONVOKE_SERVER__DATA_DIR: dataDir,
      CONVOKE_SERVER__PUBLIC_URL: url,
      CONVOKE_LIVEKIT__ENGINE: 'built-in',
      CONVOKE_LIVEKIT__INGRESS__RTMP_PORT: '0',
      ...extra,
    };
    const child = new Child('convoke serve', 'ip', ['netns', 'exec', namespace, convokeBinary(), 'serve'], env);
    const site = new Site(child, url, dataDir, env);
    try {
      await child.until('start', async () => child.lines.some((line) => line.includes('Convoke is at')));
    } catch (error) {
      await site.stop();
      throw error;
    }
    return site;
  }

  /** A server that is to refuse to start: its exit code and what it said. */
  static async refused(env: Record<string, string>): Promise<{ code: number | null; said: string }> {
    const child = Site.spawn(env);
    const code = await child.exited;
    // Standard error comes in pieces; its last words are the reason.
    const all = child.lines.join('');
    return { code, said: all.slice(all.lastIndexOf('convoke: ')) };
  }

  /** What another server needs to share this one's data folder and nothing else. */
  async beside(extra: Record<string, string> = {}): Promise<Record<string, string>> {
    return {
      ...this.env,
      CONVOKE_SERVER__PORT: `${await freeTcpPort()}`,
      CONVOKE_LIVEKIT__PORTS__UDP: `${await freeUdpPort()}`,
      CONVOKE_LIVEKIT__PORTS__TCP: `${await freeTcpPort()}`,
      ...extra,
    };
  }

  private static spawn(env: Record<string, string>, log?: string, binary = convokeBinary()): Child {
    if (log) {
      const redirected = ['-c', 'exec "$0" serve 2>>"$1"', convokeBinary(), log];
      return new Child('convoke serve', 'sh', redirected, env);
    }
    return new Child('convoke serve', binary, ['serve'], env);
  }

  ready(): Promise<void> {
    return this.child.until('be ready', async () => (await fetch(`${this.url}/health/ready`)).ok);
  }

  /** The one-time link printed at the first start. */
  setupLink(): string {
    const link = this.child.lines.map((line) => /(https?:\S+\/setup\S*)/.exec(line)?.[1]).find(Boolean);
    if (!link) throw new Error(`no setup link was printed\n${this.child.tail()}`);
    return link;
  }

  /** Process ids of the media child, by asking the kernel. */
  mediaPids(): Promise<number[]> {
    return this.childPids(/media-server|livekit-server/);
  }

  /** Process ids of the recorder. */
  recorderPids(): Promise<number[]> {
    return this.childPids(/ egress /);
  }

  /** Process ids of the ingress child. */
  ingressPids(): Promise<number[]> {
    return this.childPids(/ ingress /);
  }

  private async childPids(command: RegExp): Promise<number[]> {
    const { readdir, readFile } = await import('node:fs/promises');
    const found: number[] = [];
    for (const entry of await readdir('/proc')) {
      if (!/^\d+$/.test(entry)) continue;
      const line = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
      if (line.includes(this.dataDir) && command.test(line.replaceAll('\0', ' '))) found.push(Number(entry));
    }
    return found;
  }

  async restart(): Promise<void> {
    await this.child.stop();
    this.child = Site.spawn(this.env);
    await this.ready();
  }

  /** Starts again after the process was killed from outside; `binary`: another program than before. */
  async startAgain(binary?: string): Promise<void> {
    await this.child.exited;
    this.child = Site.spawn(this.env, undefined, binary);
    await this.ready();
  }

  /** What another command of the same binary prints, with this server's settings. */
  async command(...words: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(convokeBinary(), words, { env: { ...process.env, ...this.env } });
    return stdout.trim();
  }

  /** An API caller with its own cookies, as one browser has. */
  visitor(): Visitor {
    return new Visitor(this.url);
  }

  /** Makes the first administrator through the printed link. */
  async administrator(): Promise<Visitor> {
    const admin = this.visitor();
    const token = new URL(this.setupLink()).searchParams.get('token');
    await admin.must('POST', '/api/auth/setup', {
      token,
      email: 'admin@example.org',
      name: 'Ada Admin',
      password: 'correct horse battery',
    });
    return admin;
  }

  async user(name: string): Promise<Visitor> {
    const user = this.visitor();
    await user.must('POST', '/api/auth/register', {
      email: `${name.toLowerCase()}@example.org`,
      name,
      password: 'correct horse battery',
    });
    return user;
  }

  /** Ends everything, also what would go on with a call: as Ctrl-C does. */
  async stop(): Promise<void> {
    await this.child.stop('SIGINT');
    killThoseOf(this.dataDir);
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
