/** Who is in the room, as the server knows them (with their roles). */
import { queryOptions } from '@tanstack/react-query';
import { request } from '../../../api/client';
import type { Participant } from '../../../api/types';

export const listParticipants = (slug: string) =>
  queryOptions({
    queryKey: ['room', slug, 'participants'],
    queryFn: ({ signal }) =>
      request<{ items: Participant[] }>('GET', '/api/rooms/{slug}/participants', {
        path: { slug },
        signal,
      }),
  });
