/** Every room that is live on the media server. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';
import { REFRESH_MS } from '../refresh';

export const listLiveRooms = (query: string) =>
  queryOptions({
    queryKey: ['live', 'rooms', query],
    queryFn: ({ signal }) =>
      api
        .GET('/api/livekit/rooms', { params: { query: { query: query || undefined } }, signal })
        .then(answer),
    refetchInterval: REFRESH_MS,
  });
