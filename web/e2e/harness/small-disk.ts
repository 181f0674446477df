// A disk of a few megabytes that only its own processes see, and that is gone with them: tmpfs in a mount namespace.
import { access, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Child } from './child.ts';

/** Why there can be none here; `false`: there can. */
export const withoutSmallDisk: string | false = process.getuid?.() === 0 ? false : 'only root mounts a small disk';

export class SmallDisk {
  readonly folder: string;
  /** Keeps the disk while processes that use it are killed. */
  private readonly holder: Child;

  private constructor(folder: string, holder: Child) {
    this.folder = folder;
    this.holder = holder;
  }

  static async make(megabytes: number): Promise<SmallDisk> {
    const folder = await mkdtemp(path.join(tmpdir(), 'convoke-disk-'));
    const script = 'mount -t tmpfs -o "size=$0" tmpfs "$1" && touch "$1/mounted" && exec sleep infinity';
    const disk = new SmallDisk(folder, new Child('mount', 'unshare', ['--mount', 'sh', '-c', script, `${megabytes}m`, folder]));
    await disk.holder.until('be mounted', () => access(disk.outside(path.join(folder, 'mounted'))).then(() => true));
    return disk;
  }

  /** How to run a command that sees the disk. */
  inside(line: string[]): string[] {
    return ['nsenter', '--mount', '--target', `${this.holder.pid}`, ...line];
  }

  /** A file on the disk as everybody else finds it. */
  outside(file: string): string {
    return `/proc/${this.holder.pid}/root${file}`;
  }

  /** Fills the disk but for so many bytes; removing the file that is returned makes room again. */
  async fill(leave = 0): Promise<string> {
    const file = this.outside(path.join(this.folder, 'filler'));
    const { bavail, bsize } = await statfs(this.outside(this.folder));
    await writeFile(file, Buffer.alloc(Math.max(0, bavail * bsize - leave))).catch((error) => {
      // Somebody wrote meanwhile: it is as full as it can be.
      if (error.code !== 'ENOSPC') throw error;
    });
    return file;
  }

  async stop(): Promise<void> {
    await this.holder.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
