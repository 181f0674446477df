/** Sends a picture to the media server and back for some seconds, and measures what became of it. */
import { Room, type RoomConnectOptions, Track } from 'livekit-client';
import type { components } from '../../api/schema';
import { onlyThisWay } from './oneWay';
import type { Run } from './tryWays';
import type { MediaWay } from './ways';

export type Measured = components['schemas']['DoctorMeasured'];

/** Until an encoder has found its rate. */
const WARM_UP = 2_000;
const MEASURED = 4_000;
const BITRATE = 2_500_000;
const [WIDTH, HEIGHT, FRAMES] = [1280, 720, 30];

/** `null`: the stream did not come about. */
export async function measure(
  way: MediaWay,
  run: Run,
  options: RoomConnectOptions,
): Promise<Measured | null> {
  const [sending, receiving] = [onlyThisWay(way), new Room()];
  const sender = new Room();
  const picture = movingPicture();
  try {
    await sender.connect(run.url, run.sender_token, options);
    sending.release();
    const other = onlyThisWay(way);
    try {
      await receiving.connect(run.url, run.receiver_token, options);
    } finally {
      other.release();
    }
    await sender.localParticipant.publishTrack(picture.track, {
      source: Track.Source.Camera,
      simulcast: false,
      videoEncoding: { maxBitrate: BITRATE, maxFramerate: FRAMES },
    });
    await pause(WARM_UP);
    const before = await totals(sending.watched.connections, other.watched.connections);
    await pause(MEASURED);
    const after = await totals(sending.watched.connections, other.watched.connections);
    return { way, ...between(before, after) };
  } catch {
    return null;
  } finally {
    sending.release();
    picture.stop();
    await Promise.all([sender.disconnect(), receiving.disconnect()]);
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Noise: a picture that cannot be made small. */
function movingPicture() {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: WIDTH, height: HEIGHT });
  const brush = canvas.getContext('2d');
  const draw = () => {
    for (let spot = 0; spot < 400; spot += 1) {
      if (!brush) return;
      brush.fillStyle = `hsl(${Math.random() * 360} 80% ${Math.random() * 100}%)`;
      brush.fillRect(Math.random() * WIDTH, Math.random() * HEIGHT, 40, 30);
    }
  };
  draw();
  const timer = setInterval(draw, 1000 / FRAMES);
  const [track] = canvas.captureStream(FRAMES).getVideoTracks();
  if (!track) throw new Error('no picture');
  return {
    track,
    stop: () => {
      clearInterval(timer);
      track.stop();
    },
  };
}

export type Totals = {
  at: number;
  bytesUp: number;
  packetsUp: number;
  lostUp: number | null;
  bytesDown: number;
  packetsDown: number;
  lostDown: number;
  rtt: number | null;
};

type Stat = { type: string; kind?: string; [field: string]: unknown };

async function totals(
  sending: RTCPeerConnection[],
  receiving: RTCPeerConnection[],
): Promise<Totals> {
  const [up, down] = await Promise.all([statsOf(sending), statsOf(receiving)]);
  return addUp(performance.now(), up, down);
}

async function statsOf(connections: RTCPeerConnection[]): Promise<Stat[]> {
  const reports = await Promise.all(connections.map((connection) => connection.getStats()));
  return reports.flatMap((report) => [...report.values()]);
}

export function addUp(at: number, up: Stat[], down: Stat[]): Totals {
  const sum = (stats: Stat[], type: string, field: string) =>
    stats
      .filter((stat) => stat.type === type && stat.kind === 'video')
      .reduce((total, stat) => total + (Number(stat[field]) || 0), 0);
  const reported = up.some(({ type, kind }) => type === 'remote-inbound-rtp' && kind === 'video');
  const trips = [...up, ...down]
    .filter(({ type, nominated }) => type === 'candidate-pair' && nominated)
    .map(({ currentRoundTripTime }) => Number(currentRoundTripTime))
    .filter((seconds) => seconds > 0);
  return {
    at,
    bytesUp: sum(up, 'outbound-rtp', 'bytesSent'),
    packetsUp: sum(up, 'outbound-rtp', 'packetsSent'),
    lostUp: reported ? sum(up, 'remote-inbound-rtp', 'packetsLost') : null,
    bytesDown: sum(down, 'inbound-rtp', 'bytesReceived'),
    packetsDown: sum(down, 'inbound-rtp', 'packetsReceived'),
    lostDown: sum(down, 'inbound-rtp', 'packetsLost'),
    rtt: trips.length > 0 ? Math.max(...trips) * 1000 : null,
  };
}

export function between(before: Totals, after: Totals): Omit<Measured, 'way'> {
  const seconds = (after.at - before.at) / 1000;
  const rate = (bytes: number) => Math.max(0, Math.round((bytes * 8) / seconds));
  const share = (lost: number, all: number) =>
    all > 0 ? Math.min(1000, Math.max(0, Math.round((lost / all) * 1000))) : null;
  const down = after.lostDown - before.lostDown;
  return {
    bitrate_up: rate(after.bytesUp - before.bytesUp),
    bitrate_down: rate(after.bytesDown - before.bytesDown),
    loss_up:
      after.lostUp === null
        ? null
        : share(after.lostUp - (before.lostUp ?? 0), after.packetsUp - before.packetsUp),
    loss_down: share(down, after.packetsDown - before.packetsDown + Math.max(0, down)),
    rtt_ms: after.rtt === null ? null : Math.round(after.rtt),
  };
}
