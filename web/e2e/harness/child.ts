// One spawned process of a test: its log kept, its end awaited, never left behind.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
  for (const folder of folders) killThoseOf(folder);
});

/** Data folders of sites, whose media server goes on when the site is killed. */
const folders = new Set<string>();
export const watchFolder = (folder: string) => folders.add(folder);

/** Every process that names this folder. */
export function killThoseOf(folder: string): void {
  folders.delete(folder);
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry) || entry === `${process.pid}`) continue;
    try {
      if (readFileSync(`/proc/${entry}/cmdline`, 'utf8').includes(folder)) process.kill(Number(entry), 'SIGKILL');
    } catch {
      // It has just ended.
    }
  }
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1));

export class Child {
  readonly lines: string[] = [];
  readonly exited: Promise<number | null>;
  private readonly name: string;
  private readonly process: ChildProcess;

  constructor(name: string, command: string, args: string[], env: Record<string, string> = {}) {
    this.name = name;
    this.process = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    living.add(this.process);
    const keep = (chunk: Buffer) => {
      for (const line of chunk.toString().split('\n')) if (line.trim()) this.lines.push(line);
    };
    this.process.stdout?.on('data', keep);
    this.process.stderr?.on('data', keep);
    this.exited = once(this.process, 'close').then(([code]) => {
      living.delete(this.process);
      return code as number | null;
    });
  }

  get pid(): number {
    if (this.process.pid === undefined) throw new Error(`${this.name} did not start`);
    return this.process.pid;
  }

  get running(): boolean {
    return living.has(this.process);
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  async stop(how: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.running) this.process.kill(how);
    const timer = setTimeout(() => this.process.kill('SIGKILL'), 15_000);
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }

  tail(count = 40): string {
    return this.lines.slice(-count).join('\n');
  }

  /** Resolves when `ready` says so; rejects with the log's end when the process ends first or time runs out. */
  async until(what: string, ready: () => Promise<boolean>, milliseconds = 30_000): Promise<void> {
    const end = Date.now() + milliseconds;
    while (Date.now() < end) {
      if (!this.running) throw new Error(`${this.name} ended before: ${what}\n${this.tail()}`);
      if (await ready().catch(() => false)) return;
      await new Promise((wake) => setTimeout(wake, 25));
    }
    throw new Error(`${this.name}: ${what} did not come within ${milliseconds} ms\n${this.tail()}`);
  }
}
