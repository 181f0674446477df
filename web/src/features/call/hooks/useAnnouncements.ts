/** What is told while the call goes on, comings, goings, hands: by screen readers, and as small notices. */
import { type Participant, type RemoteParticipant, type Room, RoomEvent } from 'livekit-client';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

export type Notice = { id: number; text: string };
const SHOWN_MS = 5_000;
const MOST_AT_ONCE = 3;
/** In a large room comings and goings never end; they are not shown there. */
const LARGE_ROOM = 20;

export function useAnnouncements(room: Room): {
  text: string;
  notices: Notice[];
  announce: (text: string, look?: 'shown') => void;
} {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [notices, setNotices] = useState<Notice[]>([]);
  const count = useRef(0);
  const timers = useRef(new Set<ReturnType<typeof setTimeout>>());
  const announce = useCallback((next: string, look?: 'shown') => {
    // A trailing no-break space makes a repeated sentence a new one for the screen reader.
    setText((last) => (last === next ? `${next}\u00a0` : next));
    if (!look) return;
    count.current += 1;
    const id = count.current;
    setNotices((all) => [...all.slice(1 - MOST_AT_ONCE), { id, text: next }]);
    const timer = setTimeout(() => {
      timers.current.delete(timer);
      setNotices((all) => all.filter((one) => one.id !== id));
    }, SHOWN_MS);
    timers.current.add(timer);
  }, []);
  useEffect(() => {
    const pending = timers.current;
    return () => {
      for (const timer of pending) clearTimeout(timer);
    };
  }, []);
  useEffect(() => {
    const nameOf = (one: Participant) => one.name || one.identity;
    const look = () => (room.numParticipants > LARGE_ROOM ? undefined : 'shown');
    const joined = (one: RemoteParticipant) =>
      announce(t('announce.joined', { name: nameOf(one) }), look());
    const left = (one: RemoteParticipant) =>
      announce(t('announce.left', { name: nameOf(one) }), look());
    const attributes = (changed: Record<string, string>, one: Participant) => {
      if (!changed.hand_raised_at) return;
      announce(t('announce.hand', { name: nameOf(one) }), one.isLocal ? undefined : 'shown');
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
  return { text, notices, announce };
}
