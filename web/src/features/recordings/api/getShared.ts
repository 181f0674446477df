/** A recording by a link for outsiders; `pass` is what unlocking it gave. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const getShared = (token: string, pass: string | null) =>
  queryOptions({
    queryKey: ['shared', token, pass],
    queryFn: ({ signal }) =>
      api
        .GET('/api/shares/{token}', {
          params: { path: { token }, query: { pass: pass ?? undefined } },
          signal,
        })
        .then(answer),
    // Each look is counted as one.
    staleTime: Number.POSITIVE_INFINITY,
  });
