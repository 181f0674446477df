// The mock of LiveKit's API under test, and calls of the official Node SDK to it.
// CONVOKE_MOCK_PEER names another server that takes the same flags (LiveKit's own `cmd/test-server`) to put in its place.
import { AsyncLocalStorage } from 'node:async_hooks';
import { test } from 'node:test';
import { AccessToken, LiveKitAPI, type SIPGrant, type VideoGrant } from 'livekit-server-sdk';
import { convokeBinary } from './binary.ts';
import { Child } from './child.ts';
import { freeTcpPort } from './ports.ts';

export const apiKey = 'devkey';
export const apiSecret = 'secret';

/** The SDK fails over for names of LiveKit's cloud only; `fetch` below takes such names to loopback. */
export const cloud = 'http://mock.livekit.cloud';

/** The JSON control header. */
export const control = (fields: Record<string, unknown>) => ({ 'x-lk-mock': JSON.stringify(fields) });

/** A case once with the older headers, once with the fields of X-Lk-Mock that mean the same. */
export function both(
  name: string,
  older: Record<string, string>,
  fields: Record<string, unknown>,
  check: (headers: Record<string, string>) => Promise<void>,
): void {
  test(`${name} (headers)`, () => check(older));
  test(`${name} (JSON)`, () => check(control(fields)));
}

/** Index of the region, HTTP status, X-Lk-Mock-Region; a broken connection is [index, null, null]. */
export type Attempt = [region: number, status: number | null, served: string | null];

export type Call<T> = {
  answer?: T;
  error?: Error & { status?: number; code?: string };
  milliseconds: number;
  attempts: Attempt[];
  /** The status of each GET /settings/regions. */
  discoveries: (number | null)[];
  hosts: string[];
};

type Scene = { mock: MockServer; headers: Record<string, string>; call: Call<unknown> };

// The SDK's methods take no headers of one call: its `fetch` learns from here which call it belongs to.
const scenes = new AsyncLocalStorage<Scene>();
const plainFetch = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const scene = scenes.getStore();
  if (!scene) return plainFetch(input, init);
  const url = new URL(input instanceof Request ? input.url : input);
  const { host, pathname, port } = url;
  if (url.hostname.endsWith('.livekit.cloud')) url.hostname = '127.0.0.1';
  const headers = new Headers(init?.headers);
  for (const [name, value] of Object.entries(scene.headers)) headers.set(name, value);
  const note = (status: number | null, served: string | null) => {
    if (pathname === '/settings/regions') return void scene.call.discoveries.push(status);
    scene.call.attempts.push([scene.mock.ports.indexOf(Number(port)), status, served]);
    scene.call.hosts.push(host);
  };
  try {
    const response = await plainFetch(url, { ...init, headers });
    note(response.status, response.headers.get('x-lk-mock-region'));
    return response;
  } catch (error) {
    note(null, null);
    throw error;
  }
};

export class MockServer {
  readonly ports: number[];
  readonly url: string;
  readonly cloudUrl: string;
  readonly child: Child;

  private constructor(child: Child, ports: number[], address: string) {
    this.child = child;
    this.ports = ports;
    this.url = `http://${address}:${ports[0]}`;
    this.cloudUrl = `${cloud}:${ports[0]}`;
  }

  /** Four regions on loopback. */
  static async start(): Promise<MockServer> {
    const ports = await freePorts(4);
    return MockServer.startWith(ports, ['--ports', ports.join(), '--bind', '127.0.0.1', '--advertise-host', cloud]);
  }

  /** Waits until every one of `ports` answers; fails with the log when the server ends before. */
  static async startWith(
    ports: number[],
    flags: string[],
    environment: Record<string, string> = {},
    address = '127.0.0.1',
  ): Promise<MockServer> {
    const peer = process.env.CONVOKE_MOCK_PEER;
    const child = peer
      ? new Child('the peer', peer, flags, environment)
      : new Child('convoke mock-server', convokeBinary(), ['mock-server', ...flags], environment);
    try {
      for (const port of ports) {
        await child.until(`answer on port ${port}`, async () =>
          (await plainFetch(`http://${address}:${port}/settings/regions`)).ok);
      }
    } catch (error) {
      await child.stop();
      throw error;
    }
    return new MockServer(child, ports, address);
  }

  /** Runs `scene` with a `LiveKitAPI` whose requests all carry `headers`; never rejects on what the SDK throws. */
  async call<T>(
    scene: (sdk: LiveKitAPI) => Promise<T>,
    headers: Record<string, string> = {},
    options: { url?: string; secret?: string; token?: string; requestTimeout?: number } = {},
  ): Promise<Call<T>> {
    const { url: host = this.cloudUrl, secret = apiSecret, token, requestTimeout = 10 } = options;
    const sdk = new LiveKitAPI(
      token === undefined ? { host, apiKey, secret, requestTimeout } : { host, token, requestTimeout },
    );
    const call: Call<T> = { milliseconds: 0, attempts: [], discoveries: [], hosts: [] };
    const begin = performance.now();
    await scenes.run({ mock: this, headers, call }, async () => {
      try {
        call.answer = await scene(sdk);
      } catch (error) {
        call.error = error as Error;
      }
    });
    call.milliseconds = performance.now() - begin;
    return call;
  }

  /** GET /settings/regions, which the SDK reads only on its way to another region. */
  async regions(headers: Record<string, string> = {}) {
    const response = await plainFetch(`${this.url}/settings/regions`, { headers });
    const { regions } = (await response.json()) as { regions: { region: string; url: string; distance?: string }[] };
    return { regions, headers: response.headers };
  }

  stop(): Promise<number | null> {
    return this.child.stop();
  }
}

export async function freePorts(count: number): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, freeTcpPort));
}

export async function signed(video: VideoGrant, sip?: SIPGrant, secret = apiSecret): Promise<string> {
  const token = new AccessToken(apiKey, secret, { identity: 'tester', ttl: '10m' });
  token.addGrant(video);
  if (sip) token.addSIPGrant(sip);
  return token.toJwt();
}

/** The call that most cases make. */
export const makeRoom = (sdk: LiveKitAPI) => sdk.room.createRoom({ name: 'my-room', metadata: 'm' });
