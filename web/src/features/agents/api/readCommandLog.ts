/** What a command's processes said last, while somebody looks. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

const EVERY = 3_000;

export const readCommandLog = (name: string) =>
  queryOptions({
    queryKey: ['admin', 'agents', 'commands', name],
    queryFn: ({ signal }) =>
      api
        .GET('/api/agents/commands/{name}/log', { params: { path: { name } }, signal })
        .then(answer),
    refetchInterval: EVERY,
  });
