/** Why a call is over for this person, and which endings are worth coming back from. */
import { DisconnectReason } from 'livekit-client';

export type EndReason = 'left' | 'removed' | 'ended' | 'duplicate' | 'refused';

/** The ending that a disconnect means, or null when the call should come back by itself. */
export function endReasonOf(reason: DisconnectReason | undefined): EndReason | null {
  switch (reason) {
    case DisconnectReason.CLIENT_INITIATED:
      return 'left';
    case DisconnectReason.PARTICIPANT_REMOVED:
      return 'removed';
    case DisconnectReason.ROOM_DELETED:
    case DisconnectReason.ROOM_CLOSED:
      return 'ended';
    case DisconnectReason.DUPLICATE_IDENTITY:
      return 'duplicate';
    default:
      return null;
  }
}

/** Seconds until the next attempt: at once, then slower, at most 8; the server's wish counts. */
export function backOffSeconds(attempt: number, retryAfterSeconds: number | null): number {
  const own = attempt === 0 ? 0.3 : Math.min(8, 2 ** (attempt - 1));
  return retryAfterSeconds === null ? own : Math.max(own, Math.min(retryAfterSeconds, 15));
}
