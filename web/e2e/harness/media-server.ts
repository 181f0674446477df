// A LiveKit-compatible media server under test: `convoke media-server`, or the real one in LIVEKIT_SERVER_BIN.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AccessToken, RoomServiceClient, type VideoGrant } from 'livekit-server-sdk';
import { Child } from './child.ts';
import { convokeBinary } from './binary.ts';
import { Network } from './network.ts';
import { freeTcpPort, freeUdpPort } from './ports.ts';

export const apiKey = 'APIe2e';
export const apiSecret = 'a-secret-of-at-least-thirty-two-bytes';

export class MediaServer {
  readonly httpUrl: string;
  readonly wsUrl: string;
  readonly rooms: RoomServiceClient;
  readonly child: Child;
  private readonly folder: string;

  private constructor(child: Child, address: string, folder: string) {
    this.child = child;
    this.folder = folder;
    this.httpUrl = `http://${address}`;
    this.wsUrl = `ws://${address}`;
    this.rooms = new RoomServiceClient(this.httpUrl, apiKey, apiSecret);
  }

  /** `extra` is YAML appended to the generated configuration; `key` the name of its API key; `at`: another address of the loopback. */
  static async start(extra = '', { key = apiKey, at }: { key?: string; at?: { address: string; port: number } } = {}): Promise<MediaServer> {
    const folder = await mkdtemp(path.join(tmpdir(), 'convoke-media-'));
    const [tcp, udp] = [await freeTcpPort(), await freeUdpPort()];
    const { address, port } = at ?? { address: '127.0.0.1', port: await freeTcpPort() };
    const file = path.join(folder, 'livekit.yaml');
    await writeFile(
      file,
      [
        `port: ${port}`,
        `bind_addresses: ["${address}"]`,
        `keys: { ${key}: ${apiSecret} }`,
        `rtc: { udp_port: ${udp}, tcp_port: ${tcp}, node_ip: 127.0.0.1, use_external_ip: false, enable_loopback_candidate: true }`,
        extra,
      ].join('\n'),
    );
    const real = process.env.LIVEKIT_SERVER_BIN;
    const child = real
      ? new Child('livekit-server', real, ['--config', file])
      : new Child('convoke media-server', convokeBinary(), ['media-server', '--config', file]);
    const server = new MediaServer(child, `${address}:${port}`, folder);
    try {
      await child.until('answer on /', async () => (await fetch(server.httpUrl)).ok);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** On the server's side of a network, which this process does not reach; the YAML but for its keys is `lines`. */
  static async startIn(network: Network, lines: string[]): Promise<MediaServer> {
    const folder = await mkdtemp(path.join(tmpdir(), 'convoke-media-'));
    const file = path.join(folder, 'livekit.yaml');
    await writeFile(file, [...lines, `keys: { ${apiKey}: ${apiSecret} }`].join('\n'));
    const child = new Child('convoke media-server', 'ip', [
      ...['netns', 'exec', network.inServer, convokeBinary(), 'media-server', '--config', file],
    ]);
    const server = new MediaServer(child, `${Network.server}:443`, folder);
    try {
      await child.until('listen', async () => child.lines.some((line) => line.includes('media server listens')));
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  async token(identity: string, room: string, grant: VideoGrant = {}): Promise<string> {
    const token = new AccessToken(apiKey, apiSecret, { identity, name: `name of ${identity}`, ttl: '10m' });
    token.addGrant({ roomJoin: true, room, ...grant });
    return token.toJwt();
  }

  async stop(): Promise<void> {
    await this.child.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
