// Serves a bare page with unmodified livekit-client, and drives it: the judge of wire compatibility.
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { watch } from './browser.ts';

const root = path.resolve(import.meta.dirname, '..');
const files: Record<string, [string, string]> = {
  '/': ['bare/index.html', 'text/html'],
  '/page.js': ['bare/page.js', 'text/javascript'],
  '/livekit-client.js': ['node_modules/livekit-client/dist/livekit-client.umd.js', 'text/javascript'],
  '/e2ee-worker.mjs': ['node_modules/livekit-client/dist/livekit-client.e2ee.worker.mjs', 'text/javascript'],
};

export type JoinOptions = {
  /** Single: `/rtc/v1`, livekit-client's default. Dual: `/rtc`. */
  mode?: 'single' | 'dual';
  room?: Record<string, unknown>;
  connect?: Record<string, unknown>;
  e2eeKey?: string;
};

export type Received = {
  identity: string;
  source: string;
  kind: string;
  framesDecoded: number;
  packetsReceived: number;
  bytesReceived: number;
  width: number;
  height: number;
  totalAudioEnergy: number;
  mimeType: string;
};

export class BarePages {
  private readonly browser: Browser;
  private readonly server: http.Server | undefined;

  private constructor(browser: Browser, server?: http.Server) {
    this.browser = browser;
    this.server = server;
  }

  /** Without a server: for a browser that does not reach one of ours. */
  static routed(browser: Browser): BarePages {
    return new BarePages(browser);
  }

  static async start(browser: Browser): Promise<BarePages> {
    const server = http.createServer(async (request, response) => {
      const file = files[new URL(request.url ?? '/', 'http://x').pathname];
      if (!file) return void response.writeHead(404).end();
      response.setHeader('content-type', file[1]);
      response.end(await readFile(path.join(root, file[0])));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return new BarePages(browser, server);
  }

  /** `prepare` comes before the page's own scripts. */
  async open(prepare: (page: Page) => Promise<void> = async () => undefined): Promise<BarePage> {
    const context = await this.browser.newContext({ permissions: ['camera', 'microphone'] });
    const page = await context.newPage();
    const bare = new BarePage(page);
    await prepare(page);
    await page.goto(await this.origin(page));
    return bare;
  }

  private async origin(page: Page): Promise<string> {
    if (this.server) return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
    const origin = 'http://localhost/';
    await page.route(`${origin}**`, async (route) => {
      const file = files[new URL(route.request().url()).pathname];
      if (!file) return route.fulfill({ status: 404 });
      await route.fulfill({ contentType: file[1], body: await readFile(path.join(root, file[0])) });
    });
    return origin;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((closed) => (this.server ? this.server.close(closed) : closed(undefined)));
  }
}

export class BarePage {
  readonly log: string[] = [];
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
    watch(page, this.log);
  }

  join(url: string, token: string, options: JoinOptions = {}): Promise<void> {
    return this.call('join', url, token, options);
  }

  /** Calls a function of `bare/page.js` in the page. */
  async call<T>(name: string, ...values: unknown[]): Promise<T> {
    try {
      return (await this.page.evaluate(
        ([name, values]) =>
          (window as unknown as { bare: Record<string, (...v: unknown[]) => unknown> }).bare[name]!(
            ...values,
          ),
        [name, values] as const,
      )) as T;
    } catch (error) {
      throw new Error(`${name}: ${error}\npage log:\n${this.log.slice(-30).join('\n')}`);
    }
  }

  received(): Promise<Received[]> {
    return this.call('received');
  }

  events(name?: string): Promise<{ name: string; detail: unknown }[]> {
    return this.call('events', name ?? null);
  }

  /** Waits until `condition` holds; fails with the page's log and the last value seen. */
  async until<T>(
    what: string,
    look: () => Promise<T>,
    condition: (value: T) => boolean,
    milliseconds = 20_000,
  ): Promise<T> {
    const end = Date.now() + milliseconds;
    let last: T | undefined;
    while (Date.now() < end) {
      last = await look();
      if (condition(last)) return last;
      await new Promise((wake) => setTimeout(wake, 100));
    }
    throw new Error(
      `not within ${milliseconds} ms: ${what}\nlast: ${JSON.stringify(last)}\npage log:\n${this.log.slice(-30).join('\n')}`,
    );
  }

  /** Frames decoded (video) or energy heard (audio) of `identity`'s `source` must rise from now on. */
  async untilFlowing(identity: string, source: string, milliseconds?: number): Promise<Received> {
    const find = async () =>
      (await this.received()).find((r) => r.identity === identity && r.source === source);
    const measure = (r: Received | undefined) =>
      r ? (r.kind === 'video' ? r.framesDecoded : r.totalAudioEnergy) : 0;
    const before = measure(await find());
    const flowing = await this.until(
      `${source} of ${identity} flows`,
      find,
      (r) => measure(r) > before + (r?.kind === 'video' ? 5 : 0),
      milliseconds,
    );
    return flowing as Received;
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}
