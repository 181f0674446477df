// What recording costs and how well it keeps what it promises, of the recorder beside a media server. Bots publish (their plain
// picture costs them nothing; the recorder copies any picture alike). Alone, with CONVOKE_BIN and Node 24:
// `node bench/recordings.ts`; ONLY='grid' measures the rows that have this in their name, FILM_SECONDS=600 longer films.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { EgressStatus, EncodedFileOutput } from 'livekit-server-sdk';
import { type Cast, enter } from '../chaos/bots.ts';
import { BarePages } from '../harness/bare-page.ts';
import { launchBrowser } from '../harness/browser.ts';
import type { Child } from '../harness/child.ts';
import { Egress, probe } from '../harness/egress.ts';
import { apiKey, apiSecret, MediaServer } from '../harness/media-server.ts';
import { childrensCpuSeconds, cpuSeconds, residentMebibytes } from './proc.ts';

const run = promisify(execFile);
const seconds = (count: number) => new Promise((wake) => setTimeout(wake, count * 1_000));
const file = () => new EncodedFileOutput({ filepath: '' });

function share(values: number[], of: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * of))] ?? 0;
}

/** A media server, a recorder on it, and bots that leave in the end. */
async function stage(config: string, use: (media: MediaServer, egress: Egress, arrive: (cast: Cast) => void) => Promise<string>): Promise<string> {
  const media = await MediaServer.start('logging: { level: warn }');
  const bots: Child[] = [];
  let egress: Egress | undefined;
  try {
    egress = await Egress.start(media, config);
    return await use(media, egress, (cast) => bots.push(enter(media.wsUrl, cast)));
  } finally {
    for (const one of bots) await one.stop();
    await egress?.stop();
    await media.stop();
  }
}

async function publishing(media: MediaServer, rooms: string[], tracks: number): Promise<void> {
  for (const room of rooms) {
    await media.child.until(`${tracks} tracks in ${room}`, async () => {
      const people = await media.rooms.listParticipants(room);
      return people.reduce((sum, one) => sum + one.tracks.length, 0) >= tracks;
    });
  }
}

const begin = (egress: Egress, room: string, layout = 'single-speaker') =>
  egress.client.startRoomCompositeEgress(room, { file: file() }, { layout }).then(({ egressId }) => egressId);

/** From the request to the webhook that says ACTIVE. */
async function starts(): Promise<string> {
  return stage('ffmpeg: ""', async (media, egress, arrive) => {
    arrive({ room: 'starts', publishers: 2 });
    await publishing(media, ['starts'], 4);
    const took: number[] = [];
    for (let count = 0; count < 40; count += 1) {
      const asked = performance.now();
      const id = await begin(egress, 'starts');
      const active = async () => egress.events.some(({ egressInfo }) => egressInfo?.egressId === id && egressInfo.status === EgressStatus.EGRESS_ACTIVE);
      await egress.child.until('be active', active);
      took.push(performance.now() - asked);
      await egress.client.stopEgress(id);
      await egress.until(id, EgressStatus.EGRESS_COMPLETE);
    }
    return `median ${share(took, 0.5).toFixed(0)} ms, 95 % within ${share(took, 0.95).toFixed(0)} ms (${took.length} starts)`;
  });
}

async function memoryAndCpu(): Promise<string> {
  return stage('ffmpeg: ""', async (media, egress, arrive) => {
    await seconds(2);
    const idle = await residentMebibytes(egress.child.pid);
    arrive({ room: 'ten', rooms: 10, publishers: 4, audio: false });
    const rooms = Array.from({ length: 10 }, (_, index) => `ten-${index}`);
    await publishing(media, rooms, 4);
    for (const room of rooms) await egress.until(await begin(egress, room), EgressStatus.EGRESS_ACTIVE);
    await seconds(5);
    const before = await cpuSeconds(egress.child.pid);
    await seconds(30);
    const cpu = ((await cpuSeconds(egress.child.pid)) - before) / 30;
    const resident = await residentMebibytes(egress.child.pid);
    return `${((cpu / 40) * 100).toFixed(2)} % of a core per 720p track of 1.6 Mbps, ${resident.toFixed(0)} MiB (idle ${idle.toFixed(0)})`;
  });
}

type Heard = { lost_percent: number; received_mbps: number };

/** A call of ten who see one another, alone and beside twenty recordings. */
async function besideACall(): Promise<string> {
  return stage('ffmpeg: ""\nmax_parallel: 50', async (media, egress, arrive) => {
    const call = () => {
      const args = ['load', '--url', media.wsUrl, '--publishers', '10', '--subscribers', '0', '--meeting', '--simulcast', '--audio', '--quality', 'medium', '--seconds', '20', '--json'];
      const env = { ...process.env, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret };
      return run(process.env.CONVOKE_BIN as string, args, { env }).then(({ stdout }) => JSON.parse(stdout) as Heard);
    };
    const alone = await call();
    arrive({ room: 'many', rooms: 20, publishers: 2 });
    const rooms = Array.from({ length: 20 }, (_, index) => `many-${index}`);
    await publishing(media, rooms, 4);
    const ids: string[] = [];
    for (const room of rooms) ids.push(await begin(egress, room));
    for (const id of ids) await egress.until(id, EgressStatus.EGRESS_ACTIVE);
    const before = await cpuSeconds(egress.child.pid);
    const began = performance.now();
    const beside = await call();
    const cpu = (((await cpuSeconds(egress.child.pid)) - before) / (performance.now() - began)) * 100_000;
    const resident = await residentMebibytes(egress.child.pid);
    for (const id of ids) await egress.client.stopEgress(id);
    let whole = 0;
    for (const id of ids) {
      const { fileResults } = await egress.until(id, EgressStatus.EGRESS_COMPLETE, 120_000);
      await probe(fileResults[0]!.location);
      whole += 1;
    }
    const show = ({ lost_percent, received_mbps }: Heard) => `${lost_percent.toFixed(2)} % lost of ${received_mbps.toFixed(0)} Mbps`;
    return `the call alone: ${show(alone)}; beside them: ${show(beside)}; the recorder takes ${cpu.toFixed(0)} % of a core and ${resident.toFixed(0)} MiB, ${whole} films are whole`;
  });
}

/** Records four people, of whom one speaks at a time, for so long; what it takes from Stop to the film, in seconds for each that was recorded. */
async function film(egress: Egress, room: string, layout: string, long: number): Promise<{ wall: number; cpu: number }> {
  const id = await begin(egress, room, layout);
  await egress.until(id, EgressStatus.EGRESS_ACTIVE);
  await seconds(long);
  const { pid } = egress.child;
  const cpu = async () => (await cpuSeconds(pid)) + (await childrensCpuSeconds(pid));
  const [before, asked] = [await cpu(), performance.now()];
  await egress.client.stopEgress(id);
  const { fileResults } = await egress.until(id, EgressStatus.EGRESS_COMPLETE, 600_000);
  const wall = (performance.now() - asked) / 1_000;
  const spent = (await cpu()) - before;
  const { seconds: recorded } = await probe(fileResults[0]!.location);
  return { wall: wall / recorded, cpu: spent / recorded };
}

const filmSeconds = Number(process.env.FILM_SECONDS ?? 120);

async function passthrough(): Promise<string> {
  return stage('ffmpeg: ""', async (media, egress, arrive) => {
    arrive({ room: 'film', publishers: 4 });
    await publishing(media, ['film'], 8);
    const { wall, cpu } = await film(egress, 'film', 'single-speaker', filmSeconds);
    return `${(wall * 3_600).toFixed(0)} s, ${(cpu * 3_600).toFixed(0)} CPU s for an hour (of ${filmSeconds} s of four people)`;
  });
}

async function grid(): Promise<string> {
  if (!(await run('ffmpeg', ['-version']).catch(() => undefined))) return 'no ffmpeg';
  return stage('', async (media, egress, arrive) => {
    arrive({ room: 'grid', publishers: 4 });
    await publishing(media, ['grid'], 8);
    const { wall, cpu } = await film(egress, 'grid', 'grid', filmSeconds);
    return `${cpu.toFixed(2)} CPU s, ${wall.toFixed(2)} s for a second, niced (of ${filmSeconds} s of four plain pictures)`;
  });
}

/** Milliseconds from each flash in a film to its beep. */
async function flashesToBeeps(location: string): Promise<number[]> {
  const { stdout } = await run('ffprobe', ['-v', 'error', '-f', 'lavfi', '-i', `movie=${location},signalstats`, '-show_entries', 'frame=pts_time:frame_tags=lavfi.signalstats.YAVG', '-of', 'csv=p=0'], { maxBuffer: 1e9 });
  const flashes: number[] = [];
  let bright = false;
  for (const line of stdout.trim().split('\n')) {
    const [at, light] = line.split(',').map(Number) as [number, number];
    if (light > 128 && !bright) flashes.push(at);
    bright = light > 128;
  }
  const { stderr } = await run('ffmpeg', ['-hide_banner', '-i', location, '-af', 'silencedetect=noise=-30dB:d=0.3', '-f', 'null', '-']);
  const beeps = [...stderr.matchAll(/silence_end: ([\d.]+)/g)].map(([, at]) => Number(at));
  return flashes.flatMap((flash) => {
    const [nearest] = beeps.map((beep) => beep - flash).sort((one, other) => Math.abs(one) - Math.abs(other));
    return nearest === undefined || Math.abs(nearest) > 0.5 ? [] : [nearest * 1_000];
  });
}

async function lipSync(): Promise<string> {
  return stage('ffmpeg: ""', async (media, egress) => {
    const browser = await launchBrowser();
    const pages = await BarePages.start(browser);
    try {
      const page = await pages.open();
      await page.join(media.wsUrl, await media.token('ana', 'flashes'));
      await page.call('publishFlashes');
      await publishing(media, ['flashes'], 2);
      const id = await begin(egress, 'flashes');
      await egress.until(id, EgressStatus.EGRESS_ACTIVE);
      await seconds(30);
      await egress.client.stopEgress(id);
      const { fileResults } = await egress.until(id, EgressStatus.EGRESS_COMPLETE);
      const apart = await flashesToBeeps(fileResults[0]!.location);
      const worst = share(apart.map(Math.abs), 1);
      return `median ${share(apart, 0.5).toFixed(0)} ms, at most ${worst.toFixed(0)} ms (${apart.length} flashes of a page; + : the beep is late)`;
    } finally {
      await pages.stop();
      await browser.close();
    }
  });
}

/** All of them, as rows; one that fails says so. */
export async function recordings(): Promise<[string, string][]> {
  const all: [string, () => Promise<string>][] = [
    ['recording: request to ACTIVE', starts],
    ['recording: 10 recordings of 4 videos', memoryAndCpu],
    ['recording: 20 recordings (40 videos, 40 voices) beside a call of ten', besideACall],
    ['recording: Stop to film without ffmpeg', passthrough],
    ['recording: grid MP4 by ffmpeg', grid],
    ['recording: flash to beep in the film', lipSync],
  ];
  const rows: [string, string][] = [];
  const only = process.env.ONLY ?? '';
  for (const [what, measure] of all.filter(([what]) => what.includes(only))) {
    const result = await measure().catch((error: unknown) => `failed: ${error}`.replaceAll('\n', ' ').slice(0, 400));
    console.error(`${what}: ${result}`);
    rows.push([what, result]);
  }
  return rows;
}

if (process.argv[1] === import.meta.filename) {
  process.env.CONVOKE_BIN ??= path.resolve(import.meta.dirname, '../../../target/dist/convoke');
  await recordings();
}
