// A site behind its router, people behind theirs, and a wire between the routers: what is inside is not seen outside.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Network, scriptIn } from './network.ts';

const run = promisify(execFile);

/** The ports that the site's router passes on. */
const passedOn = { tcp: '{ 443, 7881 }', udp: '{ 443, 7882 }' };

export class Nat {
  /** Of the site's router: where the site is, for everybody else. */
  static readonly outside = '203.0.113.1';
  /** Of the people's router. */
  static readonly ofPeople = '203.0.113.9';
  private static readonly site = '10.79.1.2';
  private static readonly person = '10.79.2.2';
  private readonly name: string;
  private readonly folder: string;

  private constructor(name: string, folder: string) {
    this.name = name;
    this.folder = folder;
  }

  /** Why there can be none here; nothing when there can. */
  static async impossible(): Promise<string | undefined> {
    const without = await run('nft', ['--version']).then(() => undefined, () => 'no nft is installed here');
    return without ?? Network.impossible();
  }

  static async lay(): Promise<Nat> {
    const nat = new Nat(`convoke-nat-${process.pid}`, await mkdtemp(path.join(tmpdir(), 'convoke-nat-')));
    const { inSite, siteRouter, peopleRouter, inClient } = nat;
    try {
      for (const side of nat.all) await run('ip', ['netns', 'add', side]);
      await nat.wire([inSite, 'up', `${Nat.site}/24`], [siteRouter, 'down', '10.79.1.1/24']);
      await nat.wire([siteRouter, 'out', `${Nat.outside}/24`], [peopleRouter, 'out', `${Nat.ofPeople}/24`]);
      await nat.wire([inClient, 'up', `${Nat.person}/24`], [peopleRouter, 'down', '10.79.2.1/24']);
      await run('ip', ['-n', inSite, 'route', 'add', 'default', 'via', '10.79.1.1']);
      await run('ip', ['-n', inClient, 'route', 'add', 'default', 'via', '10.79.2.1']);
      const passesOn = Object.entries(passedOn).map(([what, ports]) => `iifname out ${what} dport ${ports} dnat to ${Nat.site}`);
      await nat.route(siteRouter, passesOn);
      await nat.route(peopleRouter, []);
    } catch (error) {
      await nat.remove();
      throw error;
    }
    return nat;
  }

  get inSite(): string {
    return `${this.name}-site`;
  }

  get inClient(): string {
    return `${this.name}-client`;
  }

  /** On the outside of the site's router. */
  get peopleRouter(): string {
    return `${this.name}-people`;
  }

  private get siteRouter(): string {
    return `${this.name}-router`;
  }

  private get all(): string[] {
    return [this.inSite, this.siteRouter, this.peopleRouter, this.inClient];
  }

  /** Lets people send to this port alone, over TCP and UDP. */
  async letPass(port: number): Promise<void> {
    const rules = `
      table ip office {
        chain through {
          type filter hook forward priority filter - 1
          iifname down tcp dport != ${port} drop
          iifname down udp dport != ${port} drop
        }
      }`;
    await this.obey(this.peopleRouter, rules);
  }

  /** A program that runs on the people's side. */
  onClient(program: string): Promise<string> {
    return scriptIn(this.inClient, this.folder, program);
  }

  async remove(): Promise<void> {
    for (const side of this.all) await run('ip', ['netns', 'del', side]).catch(() => undefined);
    await rm(this.folder, { recursive: true, force: true });
  }

  private async wire(...ends: [side: string, device: string, address: string][]): Promise<void> {
    const [[side, device], [farSide, farDevice]] = ends as [(typeof ends)[0], (typeof ends)[0]];
    const far = ['peer', 'name', farDevice, 'netns', farSide];
    await run('ip', ['-n', side, 'link', 'add', 'name', device, 'type', 'veth', ...far]);
    for (const [side, device, address] of ends) {
      await run('ip', ['-n', side, 'address', 'add', address, 'dev', device]);
      for (const link of ['lo', device]) await run('ip', ['-n', side, 'link', 'set', 'dev', link, 'up']);
    }
  }

  /** Makes a router that says its own address for whoever is behind it, and lets nobody in but for `passesOn`. */
  private async route(side: string, passesOn: string[]): Promise<void> {
    await run('ip', ['netns', 'exec', side, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward']);
    const rules = `
      table ip nat {
        chain arriving {
          type nat hook prerouting priority dstnat
          ${passesOn.join('\n')}
        }
        chain leaving {
          type nat hook postrouting priority srcnat
          oifname out masquerade
        }
      }
      table ip filter {
        chain through {
          type filter hook forward priority filter; policy drop
          iifname down accept
          ct state established,related accept
          ct status dnat accept
        }
      }`;
    await this.obey(side, rules);
  }

  private async obey(side: string, rules: string): Promise<void> {
    const file = path.join(this.folder, `${side}.nft`);
    await writeFile(file, rules);
    await run('ip', ['netns', 'exec', side, 'nft', '-f', file]);
  }
}
