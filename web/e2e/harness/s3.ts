// A real S3 server on a folder of its own (versitygw; `.ci/install` installs it), that can come later than those who ask for it.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { S3Upload } from 'livekit-server-sdk';
import { Child } from './child.ts';
import { freeTcpPort } from './ports.ts';

const program = process.env.VERSITYGW_BIN ?? 'versitygw';
const accessKey = 'e2e-key';
const secret = 'e2e-secret-e2e-secret';
const bucket = 'films';

export function isInstalled(): boolean {
  try {
    execFileSync(program, ['--version']);
    return true;
  } catch {
    return false;
  }
}

export class S3 {
  readonly secret = secret;
  readonly url: string;
  private readonly folder: string;
  private readonly port: number;
  private child: Child | undefined;

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Knows where it will be; nobody answers there yet. */
  static async plan(): Promise<S3> {
    const s3 = new S3(await mkdtemp(path.join(tmpdir(), 'convoke-s3-')), await freeTcpPort());
    await mkdir(s3.path(''), { recursive: true });
    await mkdir(path.join(s3.folder, 'facts'));
    return s3;
  }

  async run(): Promise<void> {
    const [files, facts] = ['files', 'facts'].map((name) => path.join(this.folder, name));
    this.child = new Child('versitygw', program, [
      '--quiet', '--access', accessKey, '--secret', secret, '--port', `127.0.0.1:${this.port}`,
      'posix', '--sidecar', facts!, files!,
    ]);
    const answers = () =>
      new Promise<boolean>((known) => {
        const socket = net.connect(this.port, '127.0.0.1', () => known(true));
        socket.on('connect', () => socket.end()).on('error', () => known(false));
      });
    await this.child.until('answer', answers);
  }

  /** As requests name the bucket. */
  upload(): S3Upload {
    return new S3Upload({
      accessKey, secret, bucket, region: 'us-east-1', endpoint: this.url, forcePathStyle: true, metadata: { kind: 'film' },
    });
  }

  /** Where the server keeps an object. */
  path(key: string): string {
    return path.join(this.folder, 'files', bucket, key);
  }

  async stop(): Promise<void> {
    await this.child?.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
