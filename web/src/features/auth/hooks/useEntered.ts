/** What happens after signing in: the cache forgets the visitor and the person goes where they wanted. */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import type { SignedIn } from '../../../api/types';
import { getMe } from '../api/me';

export function useEntered(): { enter: (signedIn: SignedIn) => void; next: string } {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const next = safeNext(search.get('next'));
  const enter = useCallback(
    ({ user }: SignedIn) => {
      queryClient.clear();
      queryClient.setQueryData(getMe.queryKey, user);
      navigate(next, { replace: true });
    },
    [queryClient, navigate, next],
  );
  return { enter, next };
}

/** Only paths of this site: a link must not send anybody elsewhere after signing in. */
export function safeNext(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) && !next.startsWith('/sign-') ? next : '/';
}
