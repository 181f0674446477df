/** How the signed-in user likes the pages, wherever they sign in. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';
import type { components } from '../../../api/schema';

export type Preferences = components['schemas']['Preferences'];

export const getPreferences = queryOptions({
  queryKey: ['preferences'],
  queryFn: ({ signal }) => api.GET('/api/preferences', { signal }).then(answer),
  staleTime: 60_000,
});
