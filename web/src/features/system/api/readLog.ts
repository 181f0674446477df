/** What was logged last. No event tells of it: it is asked for while somebody looks. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';
import type { LogLevel } from '../../../api/types';

const EVERY = 5_000;

export const readLog = (level: LogLevel, q: string, paused: boolean) =>
  queryOptions({
    queryKey: ['admin', 'log', level, q],
    queryFn: ({ signal }) =>
      api.GET('/api/admin/log', { params: { query: { level, q } }, signal }).then(answer),
    refetchInterval: paused ? false : EVERY,
  });
