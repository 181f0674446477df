/**
 * How long a page tries to get its signal back before it gives the call up and joins anew. Pictures and sound go on meanwhile
 * wherever the media server does, as it does while the site is restarted or upgraded.
 */
import type { ReconnectContext, ReconnectPolicy } from 'livekit-client';

const FIRST_MS = [0, 300, 1_200, 2_700];
const LATER_MS = 4_000;
/** As long as an upgrade may take; the media server itself waits longer for its site. */
const LONGEST_MS = 10 * 60_000;

export function reconnectPolicy(random: () => number = Math.random): ReconnectPolicy {
  return {
    nextRetryDelayInMs({ retryCount, elapsedMs }: ReconnectContext) {
      if (elapsedMs > LONGEST_MS) return null;
      // Not all pages of a call at once.
      if (retryCount === 0) return random() * 500;
      return (FIRST_MS[retryCount] ?? LATER_MS) * (0.5 + random());
    },
  };
}
