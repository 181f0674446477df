// One person in a browser of their own, using the site as people do: by what is written on it.
import type { Browser, Locator, Page } from 'playwright-core';
import { watch } from './browser.ts';
import type { Site, Visitor } from './site.ts';

export type Flow = { framesDecoded: number; audioEnergy: number };

/** Remembers every peer connection of the page, so that its statistics can be read later. */
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

export class Attendee {
  readonly name: string;
  readonly page: Page;
  readonly log: string[] = [];
  private readonly site: Site;

  private constructor(name: string, page: Page, site: Site) {
    this.name = name;
    this.page = page;
    this.site = site;
    watch(page, this.log);
  }

  static async arrive(
    browser: Browser,
    site: Site,
    name: string,
    account?: Visitor,
    options: { phone?: boolean; dark?: boolean } = {},
  ): Promise<Attendee> {
    const context = await browser.newContext({
      permissions: ['camera', 'microphone'],
      viewport: options.phone ? { width: 360, height: 740 } : { width: 1280, height: 800 },
      colorScheme: options.dark ? 'dark' : 'light',
      locale: 'en-GB',
      ignoreHTTPSErrors: true,
    });
    if (account) await context.addCookies(account.browserCookies());
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    await page.addInitScript(rememberConnections);
    return new Attendee(name, page, site);
  }

  async open(path: string): Promise<void> {
    await this.page.goto(this.site.url + path);
  }

  /** From the room's link through the lobby into the call. */
  async join(slug: string, mode: 'single' | 'dual' = 'single'): Promise<void> {
    await this.open(`/${slug}${mode === 'dual' ? '?signal=dual' : ''}`);
    const join = this.page.getByRole('button', { name: 'Join now' });
    await join.waitFor();
    const name = this.page.getByLabel('Your name');
    if (await name.isVisible()) await name.fill(this.name);
    await join.click();
    await this.connected();
  }

  /** Waits until the page says that it is connected. */
  async connected(milliseconds = 30_000): Promise<void> {
    await this.saying('be connected', () =>
      this.page.locator('[data-testid="call"][data-connection-state="connected"]').waitFor({ timeout: milliseconds }),
    );
  }

  /** Waits until the page says that the connection is not what it was. */
  disturbed(): Promise<void> {
    return this.until('notice', async () => (await this.page.locator('[data-connection-state="connected"]').count()) === 0);
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name });
  }

  tile(name: string, source = 'camera'): Locator {
    return this.page.locator(`[data-testid="tile"][data-source="${source}"]`, { hasText: name });
  }

  flow(): Promise<Flow> {
    return this.page.evaluate(async () => {
      const { connections } = window as unknown as { connections: RTCPeerConnection[] };
      const flow = { framesDecoded: 0, audioEnergy: 0 };
      for (const connection of connections) {
        if (connection.connectionState !== 'connected') continue;
        for (const stat of (await connection.getStats()).values()) {
          if (stat.type !== 'inbound-rtp') continue;
          flow.framesDecoded += stat.framesDecoded ?? 0;
          flow.audioEnergy += stat.totalAudioEnergy ?? 0;
        }
      }
      return flow;
    });
  }

  /** Pictures are decoded and sound is heard from now on. */
  async seesAndHears(milliseconds = 30_000): Promise<void> {
    const before = await this.flow();
    await this.until('see and hear', async () => {
      const now = await this.flow();
      return now.framesDecoded > before.framesDecoded + 5 && now.audioEnergy > before.audioEnergy;
    }, milliseconds);
  }

  /** Share of pixels of somebody's picture that are not black, 0 to 1. */
  picture(name: string, source = 'camera'): Promise<number> {
    return this.tile(name, source).locator('video').evaluate((video: HTMLVideoElement) => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 36 });
      const context = canvas.getContext('2d');
      if (!context || !video.videoWidth) return 0;
      context.drawImage(video, 0, 0, 64, 36);
      const { data } = context.getImageData(0, 0, 64, 36);
      let bright = 0;
      for (let i = 0; i < data.length; i += 4) {
        if ((data[i] ?? 0) + (data[i + 1] ?? 0) + (data[i + 2] ?? 0) > 60) bright += 1;
      }
      return bright / (data.length / 4);
    });
  }

  async seesPictureOf(name: string, source = 'camera'): Promise<void> {
    await this.until(`see ${name}`, async () => (await this.picture(name, source)) > 0.3);
  }

  async until(what: string, condition: () => Promise<boolean>, milliseconds = 20_000): Promise<void> {
    const end = Date.now() + milliseconds;
    while (Date.now() < end) {
      if (await condition().catch(() => false)) return;
      await new Promise((wake) => setTimeout(wake, 100));
    }
    throw new Error(`${this.name} does not ${what} within ${milliseconds} ms\n${this.tail()}`);
  }

  async saying<T>(what: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw new Error(`${this.name} could not ${what}: ${error}\n${this.tail()}`);
    }
  }

  private tail(): string {
    return `at ${this.page.url()}\npage log:\n${this.log.slice(-25).join('\n')}\nsite log:\n${this.site.child.tail(25)}`;
  }

  leave(): Promise<void> {
    return this.page.context().close();
  }
}
