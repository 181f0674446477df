/** One account. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const getUser = (id: string) =>
  queryOptions({
    queryKey: ['admin', 'user', id],
    queryFn: ({ signal }) =>
      api.GET('/api/users/{id}', { params: { path: { id } }, signal }).then(answer),
  });
