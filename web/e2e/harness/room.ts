// A media server, a browser and bare pages for one test file: started before, stopped after.
import { after, before } from 'node:test';
import { BarePages, type BarePage, type JoinOptions } from './bare-page.ts';
import { type Browser, launchBrowser } from './browser.ts';
import { MediaServer } from './media-server.ts';
import type { VideoGrant } from 'livekit-server-sdk';

export type Person = { identity: string; page: BarePage };

export class Stage {
  server!: MediaServer;
  pages!: BarePages;
  private browser!: Browser;
  private rooms = 0;

  constructor(
    extraYaml = '',
    browserArguments: string[] = [],
    /** What else is needed, once the server is there. */
    more: (server: MediaServer) => Promise<void> = async () => undefined,
  ) {
    before(async () => {
      this.browser = await launchBrowser(browserArguments);
      this.server = await MediaServer.start(extraYaml);
      this.pages = await BarePages.start(this.browser);
      await more(this.server);
    });
    after(async () => {
      await this.pages?.stop();
      await this.browser?.close();
      await this.server?.stop();
    });
  }

  newRoom(): string {
    this.rooms += 1;
    return `room-${this.rooms}`;
  }

  async enter(
    room: string,
    identity: string,
    options: JoinOptions & { grant?: VideoGrant } = {},
  ): Promise<Person> {
    const page = await this.pages.open();
    const { grant, ...join } = options;
    await page.join(this.server.wsUrl, await this.server.token(identity, room, grant), join);
    return { identity, page };
  }

  /** Runs `scene` with the named people in a fresh room, and closes their pages whatever happens. */
  async play(
    identities: string[],
    scene: (room: string, ...people: BarePage[]) => Promise<void>,
    options: JoinOptions & { grant?: VideoGrant } = {},
  ): Promise<void> {
    const room = this.newRoom();
    const people: Person[] = [];
    try {
      for (const identity of identities) people.push(await this.enter(room, identity, options));
      await scene(room, ...people.map(({ page }) => page));
    } finally {
      await Promise.all(people.map(({ page }) => page.close()));
    }
  }
}
