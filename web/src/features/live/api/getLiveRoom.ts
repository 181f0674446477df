/** One room as the media server has it. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';
import { REFRESH_MS } from '../refresh';

export const getLiveRoom = (name: string) =>
  queryOptions({
    queryKey: ['live', 'room', name],
    queryFn: ({ signal }) =>
      api.GET('/api/livekit/rooms/{name}', { params: { path: { name } }, signal }).then(answer),
    refetchInterval: REFRESH_MS,
  });
