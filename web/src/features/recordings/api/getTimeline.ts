/** A recording's chapters: who came and left, spoke and shared. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const getTimeline = (id: string) =>
  queryOptions({
    queryKey: ['recording', id, 'timeline'],
    queryFn: ({ signal }) =>
      api.GET('/api/recordings/{id}/timeline', { params: { path: { id } }, signal }).then(answer),
  });
