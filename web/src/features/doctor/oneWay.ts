/** Connections that can take one way only: what the server tells of others is kept from the browser. */
import { chooseServers, type MediaWay, readCandidate, usesCandidate } from './ways';

/** What was seen of the way that was tried. */
export type Watched = {
  connections: RTCPeerConnection[];
  /** Where the way leads, as the server told. */
  places: Set<string>;
};

/**
 * Lets every connection that is made until `release` take this way only. livekit-client takes the constructor from the
 * window, and the page that does this has no call of its own.
 */
export function onlyThisWay(way: MediaWay): { watched: Watched; release: () => void } {
  const watched: Watched = { connections: [], places: new Set() };
  const Original = window.RTCPeerConnection;
  const chosen = (configuration?: RTCConfiguration) => {
    const { configuration: own, places } = chooseServers(way, configuration);
    for (const place of places) watched.places.add(place);
    return own;
  };
  const isDirect = way === 'udp' || way === 'tcp';
  const may = (line: string) => {
    const fits = usesCandidate(way, line);
    const place = readCandidate(line)?.place;
    if (fits && isDirect && place) watched.places.add(place);
    return fits;
  };
  class OneWay extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(chosen(configuration));
      watched.connections.push(this);
    }

    override setConfiguration(configuration?: RTCConfiguration): void {
      super.setConfiguration(chosen(configuration));
    }

    override setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
      const lines = (description.sdp ?? '').split('\r\n');
      const sdp = lines
        .filter((line) => !line.startsWith('a=candidate:') || may(line))
        .join('\r\n');
      return super.setRemoteDescription({ type: description.type, sdp });
    }

    override async addIceCandidate(candidate?: RTCIceCandidateInit | null): Promise<void> {
      const line = candidate?.candidate;
      if (!line || may(line)) await super.addIceCandidate(candidate ?? undefined);
    }
  }
  window.RTCPeerConnection = OneWay;
  return {
    watched,
    release: () => {
      window.RTCPeerConnection = Original;
    },
  };
}
