/** Whether this call is being recorded: our own record says so, or the media server does; one of them is enough. */
import { useQueryClient } from '@tanstack/react-query';
import { type Room as LiveKitRoom, RoomEvent } from 'livekit-client';
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import type { RecordingState, Room } from '../../../api/types';

/** `starting` is no film yet, but may be one at any moment: everybody is told by then. */
export type CallRecording = {
  state: 'off' | 'starting' | 'on' | 'stopping';
  /** Our own record of it; the media server may know of a recording before we do. */
  id: string | null;
};

const EVENTS = [
  RoomEvent.RecordingStatusChanged,
  RoomEvent.Connected,
  RoomEvent.Reconnected,
] as const;

export function useCallRecording(
  room: LiveKitRoom,
  info: Pick<Room, 'id' | 'recording'>,
): CallRecording {
  const queryClient = useQueryClient();
  const subscribe = useCallback(
    (changed: () => void) => {
      for (const event of EVENTS) room.on(event, changed);
      return () => {
        for (const event of EVENTS) room.off(event, changed);
      };
    },
    [room],
  );
  const heard = useSyncExternalStore(subscribe, () => room.isRecording);
  const { id } = info;
  const known = info.recording.active !== null;
  // Our recording is over, and its recorder has yet to leave the call: no new one begins by that.
  const [seen, setSeen] = useState({ known, leaving: false });
  if (seen.known !== known) setSeen({ known, leaving: seen.known && heard });
  else if (seen.leaving && !heard) setSeen({ known, leaving: false });
  useEffect(() => {
    // The one knows what the other does not say: look at our own record again.
    if (heard !== known)
      void queryClient.invalidateQueries({ queryKey: ['room', id], exact: true });
  }, [heard, known, id, queryClient]);
  const { state, id: recording = null } = info.recording.active ?? {};
  return { state: stateOf(seen.leaving ? 'stopping' : state, heard), id: recording };
}

function stateOf(ours: RecordingState | undefined, heard: boolean): CallRecording['state'] {
  if (heard || ours === 'recording') return ours === 'stopping' ? 'stopping' : 'on';
  return ours === 'starting' ? 'starting' : 'off';
}
