/** What is told while the call goes on, comings, goings, hands: by screen readers, and as small notices. */
import { type Participant, type Room, RoomEvent } from 'livekit-client';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Attendance } from '../attendance';

/** The sentence in three pieces, so that a long name is cut and not what somebody did; then what they wrote, if so. */
export type Notice = { id: number; before: string; name: string; after: string; body: string };
/** The sentence about somebody of this name. */
type Sentence = (name: string) => string;
type Announce = (
  name: string,
  sentence: Sentence,
  more?: { shown?: boolean; body?: string },
) => void;
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
  const announce: Announce = useCallback((name, sentence, { shown, body = '' } = {}) => {
    const next = [sentence(name), body].filter(Boolean).join(' ');
    // A trailing no-break space makes a repeated sentence a new one for the screen reader.
    setText((last) => (last === next ? `${next}\u00a0` : next));
    if (!shown) return;
    count.current += 1;
    const id = count.current;
    const [before = '', after = ''] = sentence(MARK).split(MARK);
    setNotices((all) => [...all.slice(1 - MOST_AT_ONCE), { id, before, name, after, body }]);
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
      const shown = room.numParticipants <= LARGE_ROOM;
      announce(nameOf(who), (name) => t(`announce.${news}`, { name }), { shown });
    });
    const attributes = (changed: Record<string, string>, one: Participant) => {
      if (!changed.hand_raised_at) return;
      announce(nameOf(one), (name) => t('announce.hand', { name }), { shown: !one.isLocal });
    };
    room.on(RoomEvent.ParticipantAttributesChanged, attributes);
    return () => {
      attendance.stop();
      room.off(RoomEvent.ParticipantAttributesChanged, attributes);
    };
  }, [room, t, announce]);
  return { text, notices, announce };
}
