// A bucket of a real S3 server (versitygw) that can be stopped and started, behind a door that delays, counts and breaks.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Child } from '../harness/child.ts';
import { freeTcpPort } from '../harness/ports.ts';

const key = 'chaos-key';
const secret = 'chaos-secret-chaos-secret';
const bucket = 'films';

function program(): string | undefined {
  const named = process.env.VERSITYGW_BIN;
  if (named) return named;
  const folders = (process.env.PATH ?? '').split(':');
  return folders.map((folder) => path.join(folder, 'versitygw')).find((file) => existsSync(file));
}

/** Why these tests cannot run here; `false`: they can. */
export const withoutS3: string | false = program() ? false : 'no versitygw; .ci/install installs it';

export class S3 {
  /** Numbers of the films' parts as they were sent, in their order; also those that broke. */
  readonly parts: number[] = [];
  /** How long each part takes on its way. */
  delay = 0;
  /** So many of the next parts arrive with a byte turned over. */
  flips = 0;
  private readonly folder: string;
  private readonly port: number;
  private readonly door: http.Server;
  private server: Child | undefined;

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.port = port;
    this.door = http.createServer((request, response) => {
      this.pass(request, response).catch(() => response.destroy());
    });
  }

  static async start(): Promise<S3> {
    const folder = await mkdtemp(path.join(tmpdir(), 'convoke-s3-'));
    await mkdir(path.join(folder, 'files', bucket), { recursive: true });
    await mkdir(path.join(folder, 'facts'));
    const s3 = new S3(folder, await freeTcpPort());
    await new Promise<void>((listening) => s3.door.listen(0, '127.0.0.1', listening));
    await s3.comeBack();
    return s3;
  }

  /** What a site needs to keep its films here. */
  settings(): Record<string, string> {
    return {
      CONVOKE_RECORDINGS__STORAGE__KIND: 's3',
      CONVOKE_RECORDINGS__STORAGE__S3__ENDPOINT: `http://127.0.0.1:${(this.door.address() as AddressInfo).port}`,
      CONVOKE_RECORDINGS__STORAGE__S3__BUCKET: bucket,
      CONVOKE_RECORDINGS__STORAGE__S3__ACCESS_KEY: key,
      CONVOKE_RECORDINGS__STORAGE__S3__SECRET_KEY: secret,
    };
  }

  /** The server dies, in the middle of whatever it does. */
  async goAway(): Promise<void> {
    this.server?.signal('SIGKILL');
    await this.server?.exited;
    this.server = undefined;
  }

  async comeBack(): Promise<void> {
    if (this.server) return;
    const [files, facts] = [path.join(this.folder, 'files'), path.join(this.folder, 'facts')];
    const options = ['--quiet', '--access', key, '--secret', secret, '--port', `127.0.0.1:${this.port}`];
    this.server = new Child('versitygw', program() ?? 'versitygw', [...options, 'posix', '--sidecar', facts, files]);
    await this.server.until('listen', () => this.listens());
  }

  /** Every file in the bucket. */
  async objects(): Promise<string[]> {
    return (await this.all()).filter((file) => !file.includes('/.sgwtmp/'));
  }

  /** Every part of uploads that were neither completed nor aborted. */
  async leftParts(): Promise<string[]> {
    return (await this.all()).filter((file) => file.includes('/.sgwtmp/'));
  }

  async stop(): Promise<void> {
    await this.server?.stop();
    this.door.closeAllConnections();
    await new Promise((closed) => this.door.close(closed));
    await rm(this.folder, { recursive: true, force: true });
  }

  private async all(): Promise<string[]> {
    const root = path.join(this.folder, 'files', bucket);
    const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch((error) => {
      // A folder went while it was read: what is there then?
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (!entries) return this.all();
    return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  }

  private listens(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = net.connect(this.port, '127.0.0.1', () => resolve(true));
      socket.once('connect', () => socket.destroy());
      socket.once('error', () => resolve(false));
    });
  }

  private async pass(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    // What a site sends to see whether the bucket takes anything has no recording's name.
    const film = request.method === 'PUT' && /[0-9a-f-]{36}\.\w+\?/.test(request.url ?? '');
    const part = film ? /partNumber=(\d+)/.exec(request.url ?? '')?.[1] : undefined;
    if (part !== undefined) {
      this.parts.push(Number(part));
      await new Promise((wake) => setTimeout(wake, this.delay));
      if (this.flips > 0) {
        this.flips -= 1;
        body[0] = (body[0] ?? 0) ^ 1;
      }
    }
    const { method, url: where, headers } = request;
    const passed = http.request({ host: '127.0.0.1', port: this.port, method, path: where, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    passed.end(body);
  }
}
