/** Who is in the room, as the server knows them (with their roles). */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const listParticipants = (slug: string) =>
  queryOptions({
    queryKey: ['room', slug, 'participants'],
    queryFn: ({ signal }) =>
      api
        .GET('/api/rooms/{slug}/participants', { params: { path: { slug } }, signal })
        .then(answer),
  });
