/** Whether pictures and sound still go between the page and the media server, whatever becomes of the signal. */
import type { Room } from 'livekit-client';

export function mediaGoesOn(room: Room): boolean {
  const others = [...room.remoteParticipants.values()].flatMap((person) =>
    [...person.trackPublications.values()].map(({ track }) => track?.receiver),
  );
  const own = [...room.localParticipant.trackPublications.values()].map(
    ({ track }) => track?.sender,
  );
  // A server that is gone is noticed by ICE within seconds.
  return [...others, ...own].some((end) =>
    ['connected', 'completed'].includes(end?.transport?.iceTransport.state ?? ''),
  );
}
