// Whoever a live stream is sent to: Debian's ffmpeg listens for RTMP or SRT and keeps what it gets, one file for each connection.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Child } from './child.ts';
import { freeTcpPort } from './ports.ts';

const run = promisify(execFile);

export class Receiver {
  /** As it is told to the egress. */
  readonly url: string;
  /** What each connection left, whole once the next one is awaited. */
  readonly files: string[] = [];
  private readonly listen: string[];
  private readonly folder: string;
  private readonly ending: string;
  private child!: Child;

  private constructor(folder: string, ending: string, url: string, listen: string[]) {
    this.folder = folder;
    this.ending = ending;
    this.url = url;
    this.listen = listen;
  }

  static async rtmp(key: string): Promise<Receiver> {
    const port = await freeTcpPort();
    // It takes any key: its own arguments name none.
    const listen = ['-listen', '1', '-f', 'flv', '-i', `rtmp://127.0.0.1:${port}/live/any`];
    return Receiver.begin('flv', `rtmp://127.0.0.1:${port}/live/${key}`, listen);
  }

  static async srt(): Promise<Receiver> {
    const url = `srt://127.0.0.1:${await freeTcpPort()}`;
    return Receiver.begin('ts', url, ['-i', `${url}?mode=listener`]);
  }

  private static async begin(ending: string, url: string, listen: string[]): Promise<Receiver> {
    const receiver = new Receiver(await mkdtemp(path.join(tmpdir(), 'convoke-receiver-')), ending, url, listen);
    receiver.again();
    return receiver;
  }

  /** Listens for one connection more. */
  again(): void {
    const file = path.join(this.folder, `${this.files.length}.${this.ending}`);
    this.files.push(file);
    this.child = new Child('a receiver', 'ffmpeg', [
      '-v', 'error', '-y', ...this.listen, '-c', 'copy', '-flush_packets', '1', '-f', this.ending === 'ts' ? 'mpegts' : 'flv', file,
    ]);
  }

  /** Resolves when the connection has ended, with the file of it. */
  async ended(milliseconds = 20_000): Promise<string> {
    const timer = setTimeout(() => this.child.signal('SIGINT'), milliseconds);
    await this.child.exited;
    clearTimeout(timer);
    return this.files.at(-1)!;
  }

  async stop(): Promise<void> {
    await this.child.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** How many seconds of a stream are black, and its loudest moment in decibels. */
export async function judge(file: string): Promise<{ black: number; loudest: number }> {
  const { stderr } = await run('ffmpeg', [
    '-v', 'info', '-i', file, '-vf', 'blackdetect=d=0.1:pic_th=0.98', '-af', 'volumedetect', '-f', 'null', '-',
  ]);
  const black = [...stderr.matchAll(/black_duration:([\d.]+)/g)].reduce((sum, [, seconds]) => sum + Number(seconds), 0);
  return { black, loudest: Number(/max_volume: (-?[\d.]+) dB/.exec(stderr)?.[1]) };
}
