/** Every part of the site with its verdict, looked at when asked. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';
import type { components } from '../../../api/schema';

export type SiteHealth = components['schemas']['SiteHealth'];

/** Each look asks the media server and its services. */
const EVERY = 30_000;

export const readSiteHealth = queryOptions({
  queryKey: ['admin', 'health'],
  queryFn: ({ signal }) => api.GET('/api/admin/health', { signal }).then(answer),
  refetchInterval: EVERY,
});
