// `convoke egress` beside a media server, with LiveKit's own client for it, a receiver of its webhooks, and ffprobe as the judge.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { AccessToken, EgressClient, WebhookReceiver, type WebhookEvent } from 'livekit-server-sdk';
import { Child } from './child.ts';
import { convokeBinary } from './binary.ts';
import { apiKey, apiSecret, type MediaServer } from './media-server.ts';
import { freeTcpPort } from './ports.ts';
import type { SmallDisk } from './small-disk.ts';

const run = promisify(execFile);

export class Egress {
  readonly client: EgressClient;
  readonly url: string;
  readonly events: WebhookEvent[] = [];
  readonly folder: string;
  child!: Child;
  private readonly config: string;
  private readonly receiver: http.Server;
  private readonly disk: SmallDisk | undefined;

  private constructor(folder: string, port: number, receiver: http.Server, disk: SmallDisk | undefined) {
    this.folder = folder;
    this.disk = disk;
    this.config = path.join(folder, 'egress.yaml');
    this.receiver = receiver;
    this.url = `http://127.0.0.1:${port}`;
    this.client = new EgressClient(this.url, apiKey, apiSecret);
  }

  /** `extra`: lines of its configuration. `disk`: a small one of its own for all that it records. */
  static async start(media: MediaServer, extra = '', disk?: SmallDisk): Promise<Egress> {
    const folder = await mkdtemp(path.join(tmpdir(), 'convoke-egress-'));
    const judge = new WebhookReceiver(apiKey, apiSecret);
    const receiver = http.createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      egress.events.push(await judge.receive(body, request.headers.authorization));
      response.end();
    });
    await new Promise<void>((listening) => receiver.listen(0, '127.0.0.1', listening));
    const port = await freeTcpPort();
    const egress = new Egress(folder, port, receiver, disk);
    const hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    await writeFile(
      egress.config,
      [
        `api_key: ${apiKey}`,
        `api_secret: ${apiSecret}`,
        `ws_url: ${media.wsUrl}`,
        `port: ${port}`,
        `folder: ${disk?.folder ?? path.join(folder, 'egress')}`,
        `webhook: { urls: ["${hook}"] }`,
        ...(extra.includes('reserve_mb') ? [] : ['reserve_mb: 16']),
        extra,
      ].join('\n'),
    );
    try {
      await egress.run();
    } catch (error) {
      await egress.stop();
      throw error;
    }
    return egress;
  }

  /** Starts the process, also again after it was killed. */
  async run(): Promise<void> {
    const line = [convokeBinary(), 'egress', '--config', this.config];
    const [program, ...rest] = this.disk?.inside(line) ?? line;
    this.child = new Child('convoke egress', program!, rest);
    await this.child.until('answer on /', async () => (await fetch(this.url)).ok);
  }

  async kill(): Promise<void> {
    this.child.signal('SIGKILL');
    await this.child.exited;
  }

  async info(egressId: string) {
    const [info] = await this.client.listEgress({ egressId });
    if (!info) throw new Error(`${egressId} is not listed`);
    return info;
  }

  /** Resolves with the egress once it has this status. */
  async until(egressId: string, status: number, milliseconds = 30_000) {
    let last = await this.info(egressId).catch(() => undefined);
    await this.child.until(
      `${egressId} has status ${status}`,
      async () => {
        last = await this.info(egressId);
        return last.status === status;
      },
      milliseconds,
    ).catch((error) => {
      throw new Error(`${error}\nlast: ${JSON.stringify(last?.toJson())}`);
    });
    return last!;
  }

  async token(): Promise<string> {
    const token = new AccessToken(apiKey, apiSecret, { ttl: '1m' });
    token.addGrant({ roomRecord: true });
    return token.toJwt();
  }

  /** Fetches a finished file, or its part. */
  async fetch(egressId: string, name: string, headers: Record<string, string> = {}): Promise<Response> {
    const authorization = `Bearer ${await this.token()}`;
    return fetch(`${this.url}/egress/${egressId}/files/${name}`, { headers: { authorization, ...headers } });
  }

  async stop(): Promise<void> {
    await this.child.stop();
    this.receiver.closeAllConnections();
    await new Promise((closed) => this.receiver.close(closed));
    await rm(this.folder, { recursive: true, force: true });
  }
}

export type Stream = {
  codec_name: string;
  codec_type: string;
  width?: number;
  height?: number;
  nb_read_frames: string;
};

/** What ffprobe makes of a film, after it decoded all of it without an error. */
export async function probe(file: string): Promise<{ seconds: number; streams: Stream[] }> {
  const { stderr } = await run('ffmpeg', ['-v', 'error', '-xerror', '-i', file, '-enc_time_base', '-1', '-f', 'null', '-']);
  if (stderr.trim()) throw new Error(`ffmpeg cannot decode ${file}:\n${stderr}`);
  const { stdout } = await run('ffprobe', [
    '-v', 'error', '-count_frames', '-show_streams', '-show_format', '-of', 'json', file,
  ]);
  const { format, streams } = JSON.parse(stdout) as {
    format: { duration: string };
    streams: Stream[];
  };
  return { seconds: Number(format.duration), streams };
}
