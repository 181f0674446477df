/** Who talked last (not oneself): the big picture in speaker layout stays there through short silences. */
import { type Participant, type Room, RoomEvent } from 'livekit-client';
import { useEffect, useState } from 'react';

export function useLastSpeaker(room: Room): string | null {
  const [speaker, setSpeaker] = useState<string | null>(null);
  useEffect(() => {
    const onSpeakers = (speakers: Participant[]) => {
      const loudest = speakers.find((participant) => !participant.isLocal);
      if (loudest) setSpeaker(loudest.identity);
    };
    room.on(RoomEvent.ActiveSpeakersChanged, onSpeakers);
    return () => {
      room.off(RoomEvent.ActiveSpeakersChanged, onSpeakers);
    };
  }, [room]);
  return speaker;
}
