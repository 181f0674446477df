/** The commands that the server keeps alive. No event tells of them: they are asked for while somebody looks. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

const EVERY = 3_000;

export const listCommands = queryOptions({
  queryKey: ['admin', 'agents', 'commands'],
  queryFn: ({ signal }) => api.GET('/api/agents/commands', { signal }).then(answer),
  refetchInterval: EVERY,
});
