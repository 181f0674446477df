/** Tells a person which right was taken from them or given to them during the call. */
import { type Participant, type Room, RoomEvent, Track } from 'livekit-client';
import { useEffect, useRef } from 'react';
import { maySend } from '../CallSession';

type Right = 'microphone' | 'camera' | 'screen_share' | 'chat';
export type Change = { right: Right; given: boolean };
type Permissions = Participant['permissions'];

export function useRights(room: Room, onChange: (change: Change) => void): void {
  const notify = useRef(onChange);
  notify.current = onChange;
  useEffect(() => {
    const onPermissions = (before: Permissions, participant: Participant) => {
      if (!participant.isLocal || !before) return;
      for (const change of changes(before, participant.permissions)) notify.current(change);
    };
    room.on(RoomEvent.ParticipantPermissionsChanged, onPermissions);
    return () => {
      room.off(RoomEvent.ParticipantPermissionsChanged, onPermissions);
    };
  }, [room]);
}

export function changes(before: Permissions, after: Permissions): Change[] {
  const had = rightsOf(before);
  const has = rightsOf(after);
  return RIGHTS.filter((right) => had.has(right) !== has.has(right)).map((right) => ({
    right,
    given: has.has(right),
  }));
}

const RIGHTS: Right[] = ['microphone', 'camera', 'screen_share', 'chat'];
const SOURCES = {
  microphone: Track.Source.Microphone,
  camera: Track.Source.Camera,
  screen_share: Track.Source.ScreenShare,
} as const;

function rightsOf(permissions: Permissions): Set<Right> {
  return new Set(
    RIGHTS.filter((right) =>
      right === 'chat'
        ? (permissions?.canPublishData ?? true)
        : maySend({ permissions }, SOURCES[right]),
    ),
  );
}
