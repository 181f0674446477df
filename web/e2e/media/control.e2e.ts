// What the room's state does to unmodified clients: mute, names, permissions, removal, limits.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BarePage } from '../harness/bare-page.ts';
import { Stage } from '../harness/room.ts';

const stage = new Stage();

type Seen = {
  identity: string;
  name: string;
  metadata: string;
  attributes: Record<string, string>;
  quality: string;
  speaking: boolean;
  tracks: { sid: string; source: string; muted: boolean; subscribed: boolean }[];
};
const sees = (page: BarePage, what: string, condition: (people: Seen[]) => boolean) =>
  page.until(what, () => page.call<Seen[]>('participants'), condition);
const track = (people: Seen[], identity: string, source: string) =>
  people.find((p) => p.identity === identity)?.tracks.find((t) => t.source === source);

for (const mode of ['single', 'dual'] as const) {
  describe(`in ${mode} peer connection mode`, () => {
    test('mute and unmute are seen, and media flows again', () =>
      stage.play(
        ['ana', 'ben'],
        async (_room, ana, ben) => {
          await ana!.call('publish');
          await ben!.untilFlowing('ana', 'microphone');
          await ana!.call('setMicrophone', false);
          await sees(ben!, 'muted', (people) => track(people, 'ana', 'microphone')?.muted === true);
          await ana!.call('setCamera', false);
          await sees(ben!, 'camera off', (people) => track(people, 'ana', 'camera')?.muted === true);
          await ana!.call('setMicrophone', true);
          await ana!.call('setCamera', true);
          await ben!.untilFlowing('ana', 'microphone');
          await ben!.untilFlowing('ana', 'camera');
        },
        { mode },
      ));

    test('a screen share comes beside the camera and goes', () =>
      stage.play(
        ['ana', 'ben'],
        async (_room, ana, ben) => {
          await ana!.call('publish');
          await ana!.call('publishCanvas', 1280, 720);
          await ben!.untilFlowing('ana', 'screen_share');
          await ben!.untilFlowing('ana', 'camera');
          await ana!.call('unpublish', 'screen_share');
          await sees(ben!, 'share gone', (people) => track(people, 'ana', 'screen_share') === undefined);
          await ben!.untilFlowing('ana', 'camera');
          await ana!.call('publishCanvas', 640, 360);
          await ben!.untilFlowing('ana', 'screen_share');
        },
        { mode },
      ));

    test('a subscription can be dropped and taken up again', () =>
      stage.play(
        ['ana', 'ben'],
        async (_room, ana, ben) => {
          await ana!.call('publish');
          await ben!.untilFlowing('ana', 'camera');
          await ben!.call('subscribe', 'ana', 'camera', false);
          await sees(ben!, 'unsubscribed', (people) => track(people, 'ana', 'camera')?.subscribed === false);
          await ben!.call('subscribe', 'ana', 'camera', true);
          await ben!.untilFlowing('ana', 'camera');
        },
        { mode },
      ));

    test('the layer follows the quality that the subscriber asks for', () =>
      stage.play(
        ['ana', 'ben'],
        async (_room, ana, ben) => {
          await ana!.call('publish', { microphone: false });
          const width = async () =>
            (await ben!.received()).find((r) => r.source === 'camera')?.width ?? 0;
          await ben!.until('the full layer', width, (w) => w === 1280, 40_000);
          await ben!.call('quality', 'ana', 'camera', 0);
          await ben!.until('the low layer', width, (w) => w === 320);
          await ben!.call('quality', 'ana', 'camera', 2);
          await ben!.until('the full layer again', width, (w) => w === 1280, 40_000);
        },
        { mode },
      ));

    test('a removed participant is told so', () =>
      stage.play(
        ['ana', 'ben'],
        async (room, ana, ben) => {
          await stage.server.rooms.removeParticipant(room, 'ben');
          const [entry] = await ben!.until(
            'disconnected',
            () => ben!.events('disconnected'),
            (entries) => entries.length > 0,
          );
          assert.deepEqual(entry!.detail, [4]);
          await sees(ana!, 'ben is gone', (people) => people.length === 0);
        },
        { mode },
      ));

    test('the second join of an identity removes the first', () =>
      stage.play(
        ['ana', 'ben'],
        async (room, ana, ben) => {
          const again = await stage.enter(room, 'ben', { mode });
          try {
            const [entry] = await ben!.until(
              'disconnected',
              () => ben!.events('disconnected'),
              (entries) => entries.length > 0,
            );
            assert.deepEqual(entry!.detail, [2]);
            await again.page.call('publish', { camera: false });
            await ana!.untilFlowing('ben', 'microphone');
          } finally {
            await again.page.close();
          }
        },
        { mode },
      ));

    test('permissions taken away unpublish at once', () =>
      stage.play(
        ['ana', 'ben'],
        async (room, ana, ben) => {
          await ana!.call('publish');
          await ben!.untilFlowing('ana', 'camera');
          await stage.server.rooms.updateParticipant(room, 'ana', {
            permission: { canPublish: false, canSubscribe: true, canPublishData: true },
          });
          await sees(ben!, 'no tracks', (people) => people[0]?.tracks.length === 0);
          await ana!.until('told so', () => ana!.events('participantPermissionsChanged'), (entries) => entries.length > 0);
          await assert.rejects(ana!.call('setCamera', true));
        },
        { mode },
      ));
  });
}

test('names, metadata and attributes reach the others', () =>
  stage.play(
    ['ana', 'ben'],
    async (room, ana, ben) => {
      await ana.call('setName', 'Ana Maria');
      await ana.call('setMetadata', '{"seat":4}');
      await ana.call('setAttributes', { hand: 'up' });
      await sees(
        ben,
        'all three',
        ([seen]) => seen?.name === 'Ana Maria' && seen.metadata === '{"seat":4}' && seen.attributes.hand === 'up',
      );
      await stage.server.rooms.updateRoomMetadata(room, 'agenda');
      await ben.until('room metadata', () => ben.call<{ metadata: string }>('roomInfo'), (info) => info.metadata === 'agenda');
    },
    { grant: { canUpdateOwnMetadata: true } },
  ));

test('own metadata may not be changed without the grant', () =>
  stage.play(['ana'], async (_room, ana) => {
    await assert.rejects(ana.call('setMetadata', 'forged'));
  }));

test('the server mutes a track', () =>
  stage.play(['ana', 'ben'], async (room, ana, ben) => {
    await ana.call('publish');
    await ben.untilFlowing('ana', 'microphone');
    const [microphone] = (await ana.call<{ sid: string; source: string }[]>('localTracks')).filter((t) => t.source === 'microphone');
    await stage.server.rooms.mutePublishedTrack(room, 'ana', microphone!.sid, true);
    await sees(ben, 'muted by the server', (people) => track(people, 'ana', 'microphone')?.muted === true);
    await ana.until('own mute', () => ana.call<{ source: string; muted: boolean }[]>('localTracks'), (tracks) => tracks.some((t) => t.source === 'microphone' && t.muted));
  }));

test('who speaks is said', () =>
  stage.play(['ana', 'ben'], async (_room, ana, ben) => {
    await ana.call('publish', { camera: false });
    await sees(ben, 'ana speaks', (people) => people[0]?.speaking === true);
  }));

test('connection quality is said', () =>
  stage.play(['ana', 'ben'], async (_room, ana, ben) => {
    await ana.call('publish');
    await sees(ben, 'excellent', (people) => people[0]?.quality === 'excellent');
  }));

test('a full room refuses the next one', async () => {
  await stage.server.rooms.createRoom({ name: 'small', maxParticipants: 1 });
  const first = await stage.enter('small', 'first');
  try {
    await assert.rejects(stage.enter('small', 'second'));
  } finally {
    await first.page.close();
  }
});

test('a deleted room tells everybody', () =>
  stage.play(['ana', 'ben'], async (room, ana, ben) => {
    await stage.server.rooms.deleteRoom(room);
    for (const page of [ana, ben]) {
      const [entry] = await page.until('disconnected', () => page.events('disconnected'), (entries) => entries.length > 0);
      assert.deepEqual(entry!.detail, [5]);
    }
  }));
