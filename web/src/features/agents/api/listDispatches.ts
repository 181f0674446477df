/** The dispatches of one room. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const listDispatches = (room: string) =>
  queryOptions({
    queryKey: ['admin', 'agents', 'dispatches', room],
    queryFn: ({ signal }) =>
      api.GET('/api/agents/dispatches', { params: { query: { room } }, signal }).then(answer),
    enabled: room !== '',
  });
