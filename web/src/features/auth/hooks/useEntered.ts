/** What happens after signing in: the site knows who is here, and the person goes where they wanted. */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import type { SignedIn } from '../../../api/types';
import { becomeUser } from '../identity';

export function useEntered(): { enter: (signedIn: SignedIn) => Promise<void>; next: string } {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const next = safeNext(search.get('next'));
  const enter = useCallback(
    async ({ user }: SignedIn) => {
      await becomeUser(queryClient, user);
      await navigate(next, { replace: true });
    },
    [queryClient, navigate, next],
  );
  return { enter, next };
}

/** Only paths of this site: a link must not send anybody elsewhere after signing in. */
export function safeNext(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) && !next.startsWith('/sign-') ? next : '/';
}
