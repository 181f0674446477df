/** Who is in the room, as the server knows them (with their roles). */
import { queryOptions } from '@tanstack/react-query';
import { request } from '../../../api/client';

export const listParticipants = (slug: string) =>
  queryOptions({
    queryKey: ['room', slug, 'participants'],
    queryFn: ({ signal }) =>
      request('GET', '/api/rooms/{slug}/participants', {
        path: { slug },
        signal,
      }),
  });
