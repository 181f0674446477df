/** What is told while the call goes on, comings, goings, hands: by screen readers, as small notices, and as sounds. */
import { type Participant, type Room, RoomEvent } from 'livekit-client';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../primitives/useFormat';
import { Attendance } from '../attendance';
import { type Happening, isMerged, type News, named, SHOWN_MS, withHappening } from '../news';
import { sound } from '../sounds';

/** The sentence in three pieces, so that a long name is cut and not what somebody did; then what they wrote, if so. */
export type Notice = { before: string; name: string; after: string; body: string };
/** `shown`: as a notice too, not only to screen readers. */
type Tell = (happening: Happening, shown: boolean) => void;
export type Line = { id: number; text: string };

/** Comings are waited for so long before a screen reader says who came: one sentence, not five. */
const GATHERED_MS = 1_000;
/** A sentence stays so long for screen readers; what leaves is not read, and what was begun is finished. */
const SAID_MS = 20_000;
/** In a large room comings and goings never end; they are not shown there. */
const LARGE_ROOM = 20;
/** Stands for the name while a sentence is taken apart; no text has it. */
const MARK = '\uffff';

export function useAnnouncements(room: Room): {
  /** For screen readers, the oldest first. */
  lines: Line[];
  notice: Notice | null;
  tell: Tell;
} {
  const { t } = useTranslation();
  const format = useFormat();
  const [lines, setLines] = useState<Line[]>([]);
  const [news, setNews] = useState<News | null>(null);
  const last = useRef<News | null>(null);
  const spoken = useRef(0);
  const hides = useRef<Timer>(undefined);
  const gathering = useRef<{ news: News; timer: Timer } | null>(null);
  const timers = useRef(new Set<Timer>());

  const namesOf = (names: string[]) => {
    const { shown, others } = named(names);
    return format.list(others > 0 ? [...shown, t('announce.others', { count: others })] : shown);
  };
  const sentence = ({ kind, names, body }: News, name: string) => {
    if (isMerged(kind)) return t(`announce.${kind}`, { count: names.length, name });
    return t(`announce.${kind}`, { name, emoji: body });
  };
  const say = (one: News) => {
    const text = sentence(one, namesOf(one.names));
    spoken.current += 1;
    const line = {
      id: spoken.current,
      text: one.kind === 'message' ? `${text} ${one.body}` : text,
    };
    setLines((all) => [...all, line]);
    const timer = setTimeout(() => {
      timers.current.delete(timer);
      setLines((all) => all.filter(({ id }) => id !== line.id));
    }, SAID_MS);
    timers.current.add(timer);
  };
  const flush = () => {
    if (!gathering.current) return;
    clearTimeout(gathering.current.timer);
    const { news: gathered } = gathering.current;
    gathering.current = null;
    say(gathered);
  };
  const gather = (happening: Happening) => {
    const before = gathering.current?.news ?? null;
    const next = withHappening(before, happening, performance.now());
    if (before && before.id !== next.id) flush();
    if (gathering.current) gathering.current.news = next;
    else
      gathering.current = {
        news: next,
        timer: setTimeout(() => latest.current.flush(), GATHERED_MS),
      };
  };
  const act: Tell = (happening, shown) => {
    const next = withHappening(last.current, happening, performance.now());
    if (isMerged(happening.kind)) gather(happening);
    else say(next);
    if (!shown) return;
    last.current = next;
    setNews(next);
    sound(happening.kind);
    clearTimeout(hides.current);
    hides.current = setTimeout(() => setNews(null), SHOWN_MS);
  };
  // The room is listened to once; what is said is in the language of the moment.
  const latest = useRef({ act, flush });
  latest.current = { act, flush };
  const tell: Tell = useCallback((happening, shown) => latest.current.act(happening, shown), []);

  useEffect(() => {
    const pending = timers.current;
    return () => {
      for (const timer of pending) clearTimeout(timer);
      clearTimeout(hides.current);
      clearTimeout(gathering.current?.timer);
    };
  }, []);
  useEffect(() => {
    const nameOf = (one: Participant) => one.name || one.identity;
    const attendance = new Attendance(room, (kind, who) =>
      tell({ kind, name: nameOf(who) }, room.numParticipants <= LARGE_ROOM),
    );
    const attributes = (changed: Record<string, string>, one: Participant) => {
      if (changed.hand_raised_at) tell({ kind: 'hand', name: nameOf(one) }, !one.isLocal);
    };
    room.on(RoomEvent.ParticipantAttributesChanged, attributes);
    return () => {
      attendance.stop();
      room.off(RoomEvent.ParticipantAttributesChanged, attributes);
    };
  }, [room, tell]);

  const [before = '', after = ''] = news ? sentence(news, MARK).split(MARK) : [];
  const notice = news && {
    before,
    name: namesOf(news.names),
    after,
    body: news.kind === 'message' ? news.body : '',
  };
  return { lines, notice, tell };
}

type Timer = ReturnType<typeof setTimeout> | undefined;
