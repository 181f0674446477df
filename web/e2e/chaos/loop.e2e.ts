// Recordings end as exactly one whole film each, whatever dies or goes away at whatever moment. `make chaos` goes on for long;
// SEED repeats a run.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Child } from '../harness/child.ts';
import { Chance } from './random.ts';
import { withoutS3 } from './s3.ts';
import { type Room, Scene, seconds } from './scene.ts';

const rounds = Number(process.env.RUNS ?? 2);
const rooms = Number(process.env.ROOMS ?? 2);
const chance = Chance.ofRun();

const moments = ['while it starts', 'while it records', 'while it ends', 'while the film moves'] as const;
const faults = ['the recorder dies', 'the media server dies', 'the site dies', 'the bucket goes away', 'webhooks are lost', 'a byte turns over'] as const;

let scene: Scene;
before(async () => {
  if (!withoutS3) scene = await Scene.start();
});
after(() => scene?.stop());

/** Resolves when the fault has begun; it ends by itself. */
async function strike(fault: (typeof faults)[number], long: number): Promise<void> {
  switch (fault) {
    case 'the recorder dies':
      return scene.kill('egress');
    case 'the media server dies':
      return scene.kill('media');
    case 'the site dies':
      return scene.kill('platform');
    case 'the bucket goes away':
      await scene.s3.goAway();
      setTimeout(() => void scene.s3.comeBack(), long * 1_000);
      return;
    case 'webhooks are lost':
      return scene.loseWebhooks();
    case 'a byte turns over':
      scene.s3.flips = 1;
  }
}

async function round(number: number, calls: { room: Room; bots: Child }[]): Promise<void> {
  const [fault, moment, long] = [chance.oneOf(faults), chance.oneOf(moments), chance.between(1, 5)];
  const [before, recorded] = [chance.between(0, 1.5), chance.between(2, 4)];
  const begun = Date.now();
  const parts = scene.s3.parts.length;
  const starts = Promise.all(calls.map(({ room }) => scene.record(room)));
  if (moment === 'while it starts') {
    await seconds(before / 10);
    await strike(fault, long);
  }
  await starts;
  for (const { room } of calls) {
    // Whoever asked while the site died may be told that it never began, and asks again.
    const goesOn = async () => {
      const all = await scene.recordings(room);
      if (all.every(({ state }) => state === 'aborted')) await scene.record(room);
      for (const { id } of all.filter(({ state }) => state === 'aborted')) await scene.admin.ask('DELETE', `/api/recordings/${id}`);
      return all.some(({ state }) => state === 'recording');
    };
    if (moment === 'while it starts') await scene.until('see it recorded', goesOn);
    else await scene.becomes(room, 'recording');
  }
  const active = Date.now();
  if (moment === 'while it records') {
    await seconds(before);
    await strike(fault, long);
  }
  await seconds(recorded);
  await Promise.all(calls.map(({ room }) => scene.stopRecording(room)));
  // Recording begins before its sign is seen: by far, when the site died in between.
  const [recordedFor, since] = [(Date.now() - active) / 1_000, (Date.now() - begun) / 1_000];
  if (moment === 'while it ends') {
    await seconds(before / 3);
    await strike(fault, long);
  }
  if (moment === 'while the film moves') {
    await scene.until('see a film move', async () => scene.s3.parts.length > parts);
    await strike(fault, long);
  }
  const films: string[] = [];
  for (const { room } of calls) {
    const recording = await scene.becomes(room, 'completed', 150_000);
    const film = await scene.judge(recording);
    const enough = film.seconds > recordedFor - 2 && film.seconds < since + 2;
    assert.ok(enough, `${film.seconds} s are in the film, ${recordedFor} s were recorded for sure, ${since} s at most`);
    films.push(`${film.seconds.toFixed(1)} s`);
  }
  await scene.s3.comeBack();
  await scene.nothingIsLeft();
  for (const { room } of calls) {
    await scene.admin.must('DELETE', `/api/recordings/${(await scene.recording(room)).id}`);
  }
  await scene.until('see the films deleted', async () => (await scene.s3.objects()).length === 0);
  const took = ((Date.now() - begun) / 1_000).toFixed(0);
  console.log(`round ${number}: ${fault} ${moment}: films of ${films.join(' and ')}, all in ${took} s`);
}

test(`${rounds * rooms} recordings (${rounds} rounds) are one whole film each, whatever dies`, { skip: withoutS3, timeout: 60_000 + rounds * 180_000 }, async () => {
  const again = `SEED=${chance.seed} RUNS=${rounds} ROOMS=${rooms} node --test chaos/loop.e2e.ts`;
  console.log(`seed ${chance.seed}; to repeat: ${again}`);
  const calls: { room: Room; bots: Child }[] = [];
  try {
    for (let index = 0; index < rooms; index += 1) {
      calls.push(await scene.call(`Room ${index}`, { publishers: 1, bitrate: 12_000_000 }));
    }
    for (let number = 1; number <= rounds; number += 1) {
      await round(number, calls).catch((error) => {
        throw new Error(`round ${number} failed; to repeat: ${again}\n${error.stack}`);
      });
    }
  } finally {
    for (const { bots } of calls) await bots.stop();
  }
});
