// What pages say about the relays (TURN) that their media goes through.
import type { Page } from 'playwright-core';

/** The transports of TURN, in the words of Chromium's statistics. */
export type Transport = 'udp' | 'tcp' | 'tls';

export type Path = {
  /** `relay` through TURN, else `host` or `prflx`. */
  type: string;
  /** Of the media: always UDP behind a relay. */
  protocol: string;
  /** Of the way to the relay. */
  relayProtocol?: Transport;
};

/** Remembers the page's connections, lets them know servers of one transport alone, and has them use nothing but relays. */
export async function watchRelays(page: Page, only?: Transport, nothingElse = false): Promise<void> {
  await page.addInitScript(([only, nothingElse]) => {
    const its = only === 'tls' ? /^turns:/ : only && new RegExp(`^turn:.*transport=${only}$`);
    const chosen = (configuration?: RTCConfiguration): RTCConfiguration => ({
      ...configuration,
      ...(nothingElse ? { iceTransportPolicy: 'relay' } : {}),
      iceServers: (configuration?.iceServers ?? [])
        .map((server) => ({ ...server, urls: [server.urls].flat().filter((url) => !its || its.test(url)) }))
        .filter(({ urls }) => urls.length > 0),
    });
    const connections: RTCPeerConnection[] = [];
    const Original = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Original {
      constructor(configuration?: RTCConfiguration) {
        super(chosen(configuration));
        connections.push(this);
      }

      override setConfiguration(configuration?: RTCConfiguration): void {
        super.setConfiguration(chosen(configuration));
      }
    };
    (window as unknown as { connections: RTCPeerConnection[] }).connections = connections;
  }, [only, nothingElse] as const);
}

/** The paths that the page's connections have chosen. */
export function paths(page: Page): Promise<Path[]> {
  return page.evaluate(async () => {
    const { connections } = window as unknown as { connections: RTCPeerConnection[] };
    const found: Path[] = [];
    for (const connection of connections) {
      if (connection.connectionState !== 'connected') continue;
      const stats = [...((await connection.getStats()) as unknown as Map<string, Record<string, unknown>>).values()];
      const transport = stats.find(({ type }) => type === 'transport');
      const pair = stats.find(({ id }) => id === transport?.selectedCandidatePairId);
      const local = stats.find(({ id }) => id === pair?.localCandidateId);
      if (!local) continue;
      const { candidateType, protocol, relayProtocol } = local;
      found.push({ type: candidateType, protocol, relayProtocol } as Path);
    }
    return found;
  });
}

/** The server's end of the path of media: `udp 192.0.2.1:7882`. */
export function reached(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { connections } = window as unknown as { connections: RTCPeerConnection[] };
    const found: string[] = [];
    for (const connection of connections) {
      if (connection.connectionState !== 'connected') continue;
      const stats = [...((await connection.getStats()) as unknown as Map<string, Record<string, unknown>>).values()];
      const transport = stats.find(({ type }) => type === 'transport');
      const pair = stats.find(({ id }) => id === transport?.selectedCandidatePairId);
      const remote = stats.find(({ id }) => id === pair?.remoteCandidateId);
      if (!remote) continue;
      const { protocol, address, port } = remote as { protocol: string; address: string; port: number };
      found.push(`${protocol} ${address.includes(':') ? `[${address}]` : address}:${port}`);
    }
    return found;
  });
}
