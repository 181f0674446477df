/** What is told while the call goes on, comings, goings, hands: by screen readers, and as small notices. */
import { type Participant, type Room, RoomEvent } from 'livekit-client';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Attendance } from '../attendance';

/** In three pieces, so that a long name is cut and not what somebody did. */
export type Notice = { id: number; before: string; name: string; after: string; look: Look };
/** `message`: what comes after the name may be long, and is cut as well. */
type Look = 'event' | 'message';
/** The sentence about somebody of this name. */
type Sentence = (name: string) => string;
type Announce = (name: string, sentence: Sentence, look?: Look) => void;
const SHOWN_MS = 5_000;
const MOST_AT_ONCE = 3;
/** In a large room comings and goings never end; they are not shown there. */
const LARGE_ROOM = 20;
/** Stands for the name while a sentence is taken apart; no text has it. */
const MARK = '\uffff';

export function useAnnouncements(room: Room): {
  text: string;
  notices: Notice[];
  announce: Announce;
} {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [notices, setNotices] = useState<Notice[]>([]);
  const count = useRef(0);
  const timers = useRef(new Set<ReturnType<typeof setTimeout>>());
  const announce: Announce = useCallback((name, sentence, look) => {
    const next = sentence(name);
    // A trailing no-break space makes a repeated sentence a new one for the screen reader.
    setText((last) => (last === next ? `${next}\u00a0` : next));
    if (!look) return;
    count.current += 1;
    const id = count.current;
    const [before = '', after = ''] = sentence(MARK).replace(/\s+/g, ' ').split(MARK);
    setNotices((all) => [...all.slice(1 - MOST_AT_ONCE), { id, before, name, after, look }]);
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
    const attendance = new Attendance(room, (news, who) => {
      const look = room.numParticipants > LARGE_ROOM ? undefined : 'event';
      announce(nameOf(who), (name) => t(`announce.${news}`, { name }), look);
    });
    const attributes = (changed: Record<string, string>, one: Participant) => {
      if (!changed.hand_raised_at) return;
      const look = one.isLocal ? undefined : 'event';
      announce(nameOf(one), (name) => t('announce.hand', { name }), look);
    };
    room.on(RoomEvent.ParticipantAttributesChanged, attributes);
    return () => {
      attendance.stop();
      room.off(RoomEvent.ParticipantAttributesChanged, attributes);
    };
  }, [room, t, announce]);
  return { text, notices, announce };
}
