/** Who has the floor in a call, and when everybody spoke last. */
import { type Participant, type Room, RoomEvent } from 'livekit-client';
import { useEffect, useRef, useState } from 'react';
import { dueAt, heard, NOBODY } from '../floor';

export function useFloor(room: Room): {
  speaker: string | null;
  /** By identity; it changes in place. */
  spokeAt: ReadonlyMap<string, number>;
} {
  const [speaker, setSpeaker] = useState<string | null>(null);
  const spokeAt = useRef(new Map<string, number>());
  useEffect(() => {
    let floor = NOBODY;
    let voices: string[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      clearTimeout(timer);
      const now = performance.now();
      floor = heard(floor, voices, now);
      setSpeaker(floor.speaker);
      const due = dueAt(floor);
      if (due !== null) timer = setTimeout(look, Math.max(0, due - now));
    };
    const onSpeakers = (speakers: Participant[]) => {
      voices = speakers.filter(({ isLocal }) => !isLocal).map(({ identity }) => identity);
      for (const voice of voices) spokeAt.current.set(voice, performance.now());
      look();
    };
    room.on(RoomEvent.ActiveSpeakersChanged, onSpeakers);
    return () => {
      clearTimeout(timer);
      room.off(RoomEvent.ActiveSpeakersChanged, onSpeakers);
    };
  }, [room]);
  return { speaker, spokeAt: spokeAt.current };
}
