/** Who is in a live room, as the media server and the record have them. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';
import { REFRESH_MS } from '../refresh';

export const listLiveParticipants = (name: string) =>
  queryOptions({
    queryKey: ['live', 'people', name],
    queryFn: ({ signal }) =>
      api
        .GET('/api/livekit/rooms/{name}/participants', { params: { path: { name } }, signal })
        .then(answer),
    refetchInterval: REFRESH_MS,
  });
