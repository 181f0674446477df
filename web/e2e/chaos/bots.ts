// People in rooms who cost hardly any CPU: `convoke load`, whose plain picture and tone every decoder takes.
import { convokeBinary } from '../harness/binary.ts';
import { Child } from '../harness/child.ts';
import { apiKey, apiSecret } from '../harness/media-server.ts';

export type Cast = {
  room: string;
  rooms?: number;
  publishers?: number;
  subscribers?: number;
  bitrate?: number;
  audio?: boolean;
  simulcast?: boolean;
  seconds?: number;
  /** They answer nobody who needs a keyframe. */
  deaf?: boolean;
};

/** They stay until they are stopped, and come back to a server that has restarted. */
export function enter(wsUrl: string, cast: Cast): Child {
  const { room, rooms = 1, publishers = 2, subscribers = 0, bitrate = 1_600_000, audio = true, simulcast = false, deaf = false, seconds = 36_000 } = cast;
  const numbers = { rooms, publishers, subscribers, bitrate, seconds };
  const args = ['load', '--url', wsUrl, '--room', room, '--json', ...Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, `${value}`])];
  if (audio) args.push('--audio');
  if (deaf) args.push('--no-keyframes');
  if (simulcast) args.push('--simulcast');
  return new Child('convoke load', convokeBinary(), args, { LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret });
}
