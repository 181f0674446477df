/** One room by its slug, with what the caller may do there. */
import { queryOptions } from '@tanstack/react-query';
import { request } from '../../../api/client';

export const getRoom = (slug: string) =>
  queryOptions({
    queryKey: ['room', slug],
    queryFn: ({ signal }) => request('GET', '/api/rooms/{slug}', { path: { slug }, signal }),
  });
