// Serves Element Call as it is published, in a page that is a Matrix client, and watches what people in it see.
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { type Browser, type Page, watch } from './browser.ts';
import type { Account, Synapse } from './synapse.ts';

const root = path.resolve(import.meta.dirname, '..');
const published = path.join(root, 'node_modules/@element-hq/element-call-embedded/dist');
const TYPES: Record<string, string> = {
  '.css': 'text/css', '.html': 'text/html', '.js': 'text/javascript', '.json': 'application/json', '.wasm': 'application/wasm',
};

/** Frames decoded so far, of each video that comes in. */
type Incoming = { frames: number; live: boolean }[];

/** Remembers every peer connection of a frame, so that its statistics can be read later. */
function rememberConnections(): void {
  const page = window as unknown as { connections: RTCPeerConnection[] };
  page.connections = [];
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      page.connections.push(this);
    }
  };
}

export class ElementCalls {
  private readonly server: http.Server;
  private readonly browser: Browser;

  private constructor(server: http.Server, browser: Browser) {
    this.server = server;
    this.browser = browser;
  }

  static async start(browser: Browser): Promise<ElementCalls> {
    const server = http.createServer(async (request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://x');
      const file = pathname.startsWith('/widget/')
        ? path.join(published, path.normalize(pathname.slice('/widget/'.length)))
        : path.join(root, 'element-call', pathname === '/' ? 'index.html' : path.normalize(pathname));
      try {
        const content = await readFile(file);
        response.setHeader('content-type', TYPES[path.extname(file)] ?? 'application/octet-stream');
        response.end(content);
      } catch {
        response.writeHead(404).end();
      }
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return new ElementCalls(server, browser);
  }

  /** Somebody opens the room's call. */
  async enter(homeserver: Synapse, account: Account, roomId: string): Promise<Caller> {
    const context = await this.browser.newContext({
      permissions: ['camera', 'microphone'],
      viewport: { width: 900, height: 600 },
      locale: 'en-GB',
    });
    await context.addInitScript(rememberConnections);
    const page = await context.newPage();
    const caller = new Caller(account.userId, page);
    await page.goto(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`);
    const { userId, accessToken, deviceId } = account;
    await page.evaluate(
      (call) => (window as unknown as { startCall: (call: unknown) => void }).startCall(call),
      { baseUrl: homeserver.url, userId, accessToken, deviceId, roomId },
    );
    return caller;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }
}

export class Caller {
  readonly name: string;
  readonly page: Page;
  private readonly log: string[] = [];

  constructor(name: string, page: Page) {
    this.name = name;
    this.page = page;
    watch(page, this.log);
  }

  /** New frames of `count` people must come in from now on. */
  async sees(count: number, milliseconds: number): Promise<void> {
    const end = Date.now() + milliseconds;
    let before = await this.incoming();
    for (;;) {
      await new Promise((wake) => setTimeout(wake, 250));
      const now = await this.incoming();
      const flowing = now.filter((video, index) => video.live && video.frames > (before[index]?.frames ?? 0) + 1);
      if (flowing.length >= count) return;
      if (Date.now() > end) {
        const words = await this.widget().locator('body').innerText().catch(() => '');
        throw new Error(
          `${this.name} does not see ${count} within ${milliseconds} ms: ${JSON.stringify(now)}\n` +
            `the page says: ${words}\npage log:\n${this.log.slice(-40).join('\n')}`,
        );
      }
      if (now.length !== before.length) before = now;
    }
  }

  private async incoming(): Promise<Incoming> {
    const frame = this.page.frames().find((frame) => frame.url().includes('/widget/'));
    if (!frame) return [];
    return frame.evaluate(async () => {
      const { connections } = window as unknown as { connections: RTCPeerConnection[] };
      const incoming: { frames: number; live: boolean }[] = [];
      for (const connection of connections) {
        const live = connection.connectionState === 'connected';
        for (const report of (await connection.getStats()).values()) {
          if (report.type === 'inbound-rtp' && report.kind === 'video') incoming.push({ frames: report.framesDecoded ?? 0, live });
        }
      }
      return incoming;
    });
  }

  widget() {
    return this.page.frameLocator('iframe');
  }

  /** By the client's own button. */
  async hangUp(): Promise<void> {
    await this.page.evaluate(() => (window as unknown as { hangUp: () => Promise<unknown> }).hangUp());
  }

  /** As a laptop whose battery is empty. */
  async die(): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    void session.send('Page.crash').catch(() => undefined);
    await this.page.waitForEvent('crash');
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}
