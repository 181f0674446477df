/** Whether somebody's sound waits for a click: browsers play none on a page that was not touched yet. */
import type { Room } from 'livekit-client';

/** livekit-client also says no while its own audio context sleeps, which nothing here is played through. */
export function isSilenced(room: Room): boolean {
  if (room.canPlaybackAudio) return false;
  const elements = [...room.remoteParticipants.values()].flatMap((participant) =>
    [...participant.audioTrackPublications.values()].flatMap(
      ({ track }) => track?.attachedElements ?? [],
    ),
  );
  return elements.some((element) => element.paused);
}
