import { ParticipantPermission, TrackSource } from '@livekit/protocol';
import { expect, test } from 'vitest';
import { changes } from './useRights';

const may = (canPublishData: boolean, ...canPublishSources: TrackSource[]) =>
  new ParticipantPermission({
    canPublish: canPublishSources.length > 0,
    canPublishSources,
    canPublishData,
  });
const { MICROPHONE, CAMERA, SCREEN_SHARE } = TrackSource;

test('only what changed is told, and which way', () => {
  expect(changes(may(true, MICROPHONE, CAMERA), may(false, MICROPHONE, SCREEN_SHARE))).toEqual([
    { right: 'camera', given: false },
    { right: 'screen_share', given: true },
    { right: 'chat', given: false },
  ]);
  expect(changes(may(true, MICROPHONE), may(true, MICROPHONE))).toEqual([]);
});

test('who may publish nothing at all has lost each single right', () => {
  expect(changes(may(true, MICROPHONE, CAMERA, SCREEN_SHARE), may(true))).toEqual([
    { right: 'microphone', given: false },
    { right: 'camera', given: false },
    { right: 'screen_share', given: false },
  ]);
});
