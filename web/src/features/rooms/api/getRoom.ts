/** One room by its slug, with what the caller may do there. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const getRoom = (slug: string) =>
  queryOptions({
    queryKey: ['room', slug],
    queryFn: ({ signal }) =>
      api.GET('/api/rooms/{slug}', { params: { path: { slug } }, signal }).then(answer),
  });
