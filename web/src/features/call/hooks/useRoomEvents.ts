/** Renders again when livekit-client reports one of these events: its objects are live, React only needs the nudge. */
import type { Room, RoomEvent } from 'livekit-client';
import { useEffect, useState } from 'react';

export function useRoomEvents(room: Room, events: readonly RoomEvent[]): number {
  const [version, setVersion] = useState(0);
  useEffect(() => {
    const bump = () => setVersion((count) => count + 1);
    for (const event of events) room.on(event, bump);
    return () => {
      for (const event of events) room.off(event, bump);
    };
  }, [room, events]);
  return version;
}
