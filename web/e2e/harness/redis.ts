// Debian's redis-server in a folder of its own, on loopback, with a password.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Child } from './child.ts';
import { freeTcpPort } from './ports.ts';

export class Redis {
  readonly address: string;
  readonly password = 'correct-horse-battery';
  private readonly child: Child;
  private readonly folder: string;

  private constructor(child: Child, port: number, folder: string) {
    this.child = child;
    this.address = `127.0.0.1:${port}`;
    this.folder = folder;
  }

  /** Why there can be none here; nothing when there can. */
  static async impossible(): Promise<string | undefined> {
    const found = promisify(execFile)('redis-server', ['--version']);
    return found.then(() => undefined, () => 'no redis-server is installed here');
  }

  /** For those who connect. */
  get url(): string {
    return `redis://:${this.password}@${this.address}`;
  }

  static async start(): Promise<Redis> {
    const [port, folder] = [await freeTcpPort(), await mkdtemp(path.join(tmpdir(), 'convoke-redis-'))];
    const flags = ['--bind', '127.0.0.1', '--port', `${port}`, '--dir', folder, '--save', '', '--appendonly', 'no'];
    const child = new Child('redis-server', 'redis-server', flags);
    const redis = new Redis(child, port, folder);
    await child.until('answer', () => redis.say(`CONFIG SET requirepass ${redis.password}`));
    return redis;
  }

  private say(command: string): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = net.connect(Number(this.address.split(':')[1]), '127.0.0.1');
      socket.once('error', () => resolve(false));
      socket.once('data', (answer) => {
        socket.destroy();
        resolve(answer.toString().startsWith('+OK'));
      });
      socket.write(`${command}\r\n`);
    });
  }

  async stop(): Promise<void> {
    await this.child.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
