/** One call that was held on the site, with everybody who was there. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const getMeeting = (id: string) =>
  queryOptions({
    queryKey: ['admin', 'meeting', id],
    queryFn: ({ signal }) =>
      api.GET('/api/admin/meetings/{id}', { params: { path: { id } }, signal }).then(answer),
  });
