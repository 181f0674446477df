/** What a screen reader is told while the call goes on: comings, goings, hands. */
import { type Participant, type RemoteParticipant, type Room, RoomEvent } from 'livekit-client';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

export function useAnnouncements(room: Room): { text: string; announce: (text: string) => void } {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  // A trailing no-break space makes a repeated sentence a new one for the screen reader.
  const announce = useCallback(
    (next: string) => setText((last) => (last === next ? `${next}\u00a0` : next)),
    [],
  );
  useEffect(() => {
    const nameOf = (one: Participant) => one.name || one.identity;
    const joined = (one: RemoteParticipant) =>
      announce(t('announce.joined', { name: nameOf(one) }));
    const left = (one: RemoteParticipant) => announce(t('announce.left', { name: nameOf(one) }));
    const attributes = (changed: Record<string, string>, one: Participant) => {
      if (changed.hand_raised_at) announce(t('announce.hand', { name: nameOf(one) }));
    };
    room
      .on(RoomEvent.ParticipantConnected, joined)
      .on(RoomEvent.ParticipantDisconnected, left)
      .on(RoomEvent.ParticipantAttributesChanged, attributes);
    return () => {
      room
        .off(RoomEvent.ParticipantConnected, joined)
        .off(RoomEvent.ParticipantDisconnected, left)
        .off(RoomEvent.ParticipantAttributesChanged, attributes);
    };
  }, [room, t, announce]);
  return { text, announce };
}
