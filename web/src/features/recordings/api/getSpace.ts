/** How much space is left for one's recordings, and for all of this site. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const getSpace = queryOptions({
  queryKey: ['recordings', 'space'],
  queryFn: ({ signal }) => api.GET('/api/recordings/space', { signal }).then(answer),
});
