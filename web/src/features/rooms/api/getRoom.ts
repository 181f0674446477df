/** One room by its slug, with what the caller may do there. */
import { queryOptions } from '@tanstack/react-query';
import { request } from '../../../api/client';
import type { Room } from '../../../api/types';

export const getRoom = (slug: string) =>
  queryOptions({
    queryKey: ['room', slug],
    queryFn: ({ signal }) => request<Room>('GET', '/api/rooms/{slug}', { path: { slug }, signal }),
  });
