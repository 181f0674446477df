/** Asks whether a one-time link is still good, and leaves it unused. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export type LinkKind = 'setup' | 'reset_password' | 'invite';

export const checkLink = (kind: LinkKind, token: string) =>
  queryOptions({
    queryKey: ['link', kind, token],
    queryFn: async ({ signal }) => {
      await api.POST('/api/auth/check-link', { body: { kind, token }, signal }).then(answer);
      return true;
    },
    // Each visit asks anew, and once: a guess counts against whoever makes it.
    retry: false,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
