// One person in Firefox, using the site as people do: by what is written on it. The counterpart of `Attendee`.
import type { BrowserContext, ElementHandle, Page } from 'puppeteer-core';
import type { FirefoxBrowser } from './firefox.ts';
import type { Site, Visitor } from './site.ts';

type Flow = { framesDecoded: number; audioBytes: number };
type Tile = { width: number; height: number; bright: number };

export class FirefoxAttendee {
  readonly name: string;
  readonly page: Page;
  readonly log: string[] = [];
  private readonly context: BrowserContext;
  private readonly site: Site;

  private constructor(name: string, context: BrowserContext, page: Page, site: Site) {
    this.name = name;
    this.context = context;
    this.page = page;
    this.site = site;
    page.on('console', (message) => this.log.push(`[${message.type()}] ${message.text()}`));
    page.on('pageerror', (error) => this.log.push(`[pageerror] ${error}`));
  }

  static async arrive(browser: FirefoxBrowser, site: Site, name: string, account?: Visitor): Promise<FirefoxAttendee> {
    const context = await browser.createBrowserContext();
    const cookies = account?.browserCookies() ?? [];
    for (const { name, value } of cookies) await context.setCookie({ name, value, domain: 'localhost', path: '/' });
    // In a window of its own the page counts as looked at; hidden pages get no video.
    const page = await context.newPage({ type: 'window' });
    await page.setViewport({ width: 1280, height: 800 });
    await page.evaluateOnNewDocument(() => {
      const page = window as unknown as { connections: RTCPeerConnection[] };
      page.connections = [];
      const Original = window.RTCPeerConnection;
      window.RTCPeerConnection = class extends Original {
        constructor(configuration?: RTCConfiguration) {
          super(configuration);
          page.connections.push(this);
        }
      };
      // The page's own origin has a storage, about:blank has none.
      if (location.protocol.startsWith('http')) localStorage.setItem('convoke.language', 'en');
    });
    return new FirefoxAttendee(name, context, page, site);
  }

  async open(path: string): Promise<void> {
    await this.page.goto(this.site.url + path);
  }

  async join(slug: string, mode: 'single' | 'dual' = 'single'): Promise<void> {
    await this.open(`/${slug}${mode === 'dual' ? '?signal=dual' : ''}`);
    const join = await this.find('a way in', "//button[normalize-space()='Join now']");
    const name = await this.page.$('input[name=name]');
    if (name) await name.type(this.name);
    await join.click();
    await this.connected();
  }

  async connected(milliseconds = 30_000): Promise<void> {
    await this.find('the call', '//*[@data-testid="call" and @data-connection-state="connected"]', milliseconds);
  }

  /** Waits until the page says that the connection is not what it was. */
  disturbed(): Promise<void> {
    return this.until('notice', async () => (await this.page.$('[data-connection-state="connected"]')) === null);
  }

  async press(name: string): Promise<void> {
    const quoted = JSON.stringify(name);
    const button = await this.find(name, `//button[@aria-label=${quoted} or normalize-space()=${quoted}]`);
    await button.click();
  }

  sees(text: string, milliseconds?: number): Promise<unknown> {
    return this.find(text, `//*[text()[contains(., ${JSON.stringify(text)})]]`, milliseconds);
  }

  async write(label: string, text: string): Promise<void> {
    const field = await this.find(label, `//*[@aria-label=${JSON.stringify(label)}]`);
    await field.type(text);
    await field.press('Enter');
  }

  async find(what: string, xpath: string, milliseconds = 20_000): Promise<ElementHandle<Element>> {
    let found: ElementHandle<Element> | null = null;
    await this.until(`find ${what}`, async () => {
      found = (await this.page.$(`::-p-xpath(${xpath})`)) as ElementHandle<Element> | null;
      return found !== null;
    }, milliseconds);
    return found as unknown as ElementHandle<Element>;
  }

  flow(): Promise<Flow> {
    return this.page.evaluate(async () => {
      const { connections } = window as unknown as { connections: RTCPeerConnection[] };
      const flow = { framesDecoded: 0, audioBytes: 0 };
      for (const connection of connections) {
        if (connection.connectionState !== 'connected') continue;
        for (const stat of (await connection.getStats()).values()) {
          if (stat.type !== 'inbound-rtp') continue;
          flow.framesDecoded += stat.framesDecoded ?? 0;
          if (stat.kind === 'audio') flow.audioBytes += stat.bytesReceived ?? 0;
        }
      }
      return flow;
    });
  }

  /** Pictures are decoded and sound arrives from now on; Firefox counts no energy without a sound device. */
  async seesAndHears(milliseconds = 30_000): Promise<void> {
    const before = await this.flow();
    await this.until('see and hear', async () => {
      const now = await this.flow();
      return now.framesDecoded > before.framesDecoded + 5 && now.audioBytes > before.audioBytes;
    }, milliseconds);
  }

  tile(name: string, source = 'camera'): Promise<Tile | null> {
    return this.page.evaluate((name, source) => {
      const tile = [...document.querySelectorAll(`[data-testid=tile][data-source=${source}]`)].find(
        (one) => one.textContent?.includes(name),
      );
      const video = tile?.querySelector('video');
      const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 36 });
      const context = canvas.getContext('2d');
      if (!video?.videoWidth || !context) return null;
      context.drawImage(video, 0, 0, 64, 36);
      const { data } = context.getImageData(0, 0, 64, 36);
      let bright = 0;
      for (let i = 0; i < data.length; i += 4) {
        if ((data[i] ?? 0) + (data[i + 1] ?? 0) + (data[i + 2] ?? 0) > 60) bright += 1;
      }
      return { width: video.videoWidth, height: video.videoHeight, bright: bright / (data.length / 4) };
    }, name, source);
  }

  async seesPictureOf(name: string, source = 'camera'): Promise<void> {
    await this.until(`see ${name}`, async () => ((await this.tile(name, source))?.bright ?? 0) > 0.3);
  }

  async until(what: string, condition: () => Promise<boolean>, milliseconds = 20_000): Promise<void> {
    const end = Date.now() + milliseconds;
    while (Date.now() < end) {
      if (await condition().catch(() => false)) return;
      await new Promise((wake) => setTimeout(wake, 100));
    }
    throw new Error(
      `${this.name} (Firefox) does not ${what} within ${milliseconds} ms\nat ${this.page.url()}\n` +
        `page log:\n${this.log.slice(-25).join('\n')}\nsite log:\n${this.site.child.tail(25)}`,
    );
  }

  leave(): Promise<void> {
    return this.context.close();
  }
}
