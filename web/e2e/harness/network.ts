// A client's network and a server's, with a wire between them where things can be blocked: namespaces of the kernel.
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What a client may still send. */
export type Passes = 'everything' | 'no UDP' | 'TCP 443 alone';

/** What both ends speak. */
export type Family = 'IPv4' | 'IPv6' | 'both';

/** A program that runs in this namespace: a script of that name in `folder`. */
export async function scriptIn(namespace: string, folder: string, program: string): Promise<string> {
  const script = path.join(folder, path.basename(program));
  await writeFile(script, `#!/bin/sh\nexec ip netns exec ${namespace} ${program} "$@"\n`);
  await chmod(script, 0o755);
  return script;
}

export class Network {
  /** The server has two addresses, as sites with a name of its own for TURN have. */
  static readonly server = '10.78.0.1';
  static readonly turn = '10.78.0.2';
  /** The server's over IPv6, of the kind that a house gives itself (RFC 4193). */
  static readonly server6 = 'fd00:78::1';
  private static readonly client = '10.78.0.9';
  private static readonly client6 = 'fd00:78::9';
  private readonly name: string;
  private readonly folder: string;

  private constructor(name: string, folder: string) {
    this.name = name;
    this.folder = folder;
  }

  /** Why there can be none here; nothing when there can. */
  static async impossible(): Promise<string | undefined> {
    const name = `convoke-try-${process.pid}`;
    try {
      await run('ip', ['netns', 'add', name]);
      await run('ip', ['netns', 'exec', name, 'true']);
      return undefined;
    } catch (error) {
      return `no network namespace can be made here: ${String((error as { stderr?: string }).stderr ?? error).trim()}`;
    } finally {
      await run('ip', ['netns', 'del', name]).catch(() => undefined);
    }
  }

  static async lay(family: Family = 'IPv4'): Promise<Network> {
    const name = `convoke-${process.pid}`;
    const network = new Network(name, await mkdtemp(path.join(tmpdir(), 'convoke-network-')));
    const { inClient, inServer } = network;
    try {
      for (const side of [inClient, inServer]) await run('ip', ['netns', 'add', side]);
      await run('ip', ['-n', inClient, 'link', 'add', 'name', 'client', 'type', 'veth', 'peer', 'name', 'server']);
      await run('ip', ['-n', inClient, 'link', 'set', 'dev', 'server', 'netns', inServer]);
      for (const [side, device] of [[inClient, 'client'], [inServer, 'server']] as const)
        for (const link of ['lo', device]) await run('ip', ['-n', side, 'link', 'set', 'dev', link, 'up']);
      const address = (side: string, device: string, ...words: string[]) =>
        run('ip', ['-n', side, 'address', 'add', ...words, 'dev', device]);
      if (family !== 'IPv6') {
        await address(inClient, 'client', `${Network.client}/24`);
        for (const own of [Network.server, Network.turn]) await address(inServer, 'server', `${own}/24`);
        // Browsers look for the address of the default route.
        await run('ip', ['-n', inClient, 'route', 'add', 'default', 'via', Network.server]);
      }
      if (family !== 'IPv4') {
        // Nobody else could have the address: it is good at once.
        await address(inClient, 'client', `${Network.client6}/64`, 'nodad');
        await address(inServer, 'server', `${Network.server6}/64`, 'nodad');
        await run('ip', ['-n', inClient, '-6', 'route', 'add', 'default', 'via', Network.server6]);
      }
    } catch (error) {
      await network.remove();
      throw error;
    }
    return network;
  }

  get inClient(): string {
    return `${this.name}-client`;
  }

  get inServer(): string {
    return `${this.name}-server`;
  }

  /** Lets the client send this much and no more; its own loopback stays. */
  async let(passes: Passes): Promise<void> {
    const rule = (...words: string[]) => run('ip', ['-n', this.inClient, 'rule', ...words]);
    for (const preference of ['10', '11', '12'])
      for (;;) if (!(await rule('del', 'pref', preference).then(() => true, () => false))) break;
    if (passes === 'no UDP') await rule('add', 'pref', '12', 'ipproto', 'udp', 'blackhole');
    if (passes === 'TCP 443 alone') {
      await rule('add', 'pref', '10', 'ipproto', 'tcp', 'dport', '443', 'lookup', 'main');
      await rule('add', 'pref', '12', 'blackhole');
    }
  }

  /** A program that runs on the client's side. */
  async onClient(program: string): Promise<string> {
    return scriptIn(this.inClient, this.folder, program);
  }

  async remove(): Promise<void> {
    for (const side of [this.inClient, this.inServer]) await run('ip', ['netns', 'del', side]).catch(() => undefined);
    await rm(this.folder, { recursive: true, force: true });
  }
}
