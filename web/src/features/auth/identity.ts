/** The one place that knows who is signed in here: when that changes, nothing seen as somebody else stays, in no tab. */
import type { QueryClient } from '@tanstack/react-query';
import { onUnauthenticated } from '../../api/client';
import type { User } from '../../api/types';
import { getMe } from './api/me';

/** Undefined while nobody knows yet; a role decides what one may see, so it counts as well. */
const identityOf = (user: User | null | undefined) => user && `${user.id} ${user.role}`;

/** Says who is looking from now on; whatever was being asked about the person before is dropped. */
export async function becomeUser(queryClient: QueryClient, user: User | null): Promise<void> {
  await queryClient.cancelQueries({ queryKey: getMe.queryKey });
  queryClient.setQueryData(getMe.queryKey, user);
}

/**
 * Watches the answer to "who am I": with another one every other answer is asked for anew, and the
 * site's other tabs look again. Returns the way to stop.
 */
export function followIdentity(queryClient: QueryClient): () => void {
  const tabs = new BroadcastChannel('convoke.identity');
  const current = () => queryClient.getQueryData(getMe.queryKey);
  const lookAgain = () =>
    void queryClient.invalidateQueries({ queryKey: getMe.queryKey, refetchType: 'all' });
  let known = current();
  const stopWatching = queryClient.getQueryCache().subscribe(({ query }) => {
    if (query.queryKey[0] !== getMe.queryKey[0]) return;
    const now = current();
    const before = known;
    if (now === undefined) return;
    known = now;
    if (before === undefined) return;
    if (identityOf(now) !== identityOf(before)) {
      void queryClient.resetQueries({ predicate: (other) => other !== query });
    } else if (now?.name === before?.name) {
      return;
    }
    tabs.postMessage('changed');
  });
  tabs.addEventListener('message', lookAgain);
  const stopListening = onUnauthenticated(() => {
    // Only news: a visitor who is refused is still a visitor, and the question itself may be refused.
    if (known && !queryClient.isFetching({ queryKey: getMe.queryKey })) lookAgain();
  });
  return () => {
    stopWatching();
    stopListening();
    tabs.close();
  };
}
