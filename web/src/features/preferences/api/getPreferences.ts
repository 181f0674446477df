/** How the signed-in user likes the pages, wherever they sign in. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const getPreferences = queryOptions({
  queryKey: ['preferences'],
  queryFn: ({ signal }) => api.GET('/api/preferences', { signal }).then(answer),
  staleTime: 60_000,
});
