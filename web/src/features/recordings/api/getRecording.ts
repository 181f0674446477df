/** One recording, with what the caller may do with it. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';
import { progressEvery } from './progressEvery';

export const getRecording = (id: string) =>
  queryOptions({
    queryKey: ['recording', id],
    queryFn: ({ signal }) =>
      api.GET('/api/recordings/{id}', { params: { path: { id } }, signal }).then(answer),
    refetchInterval: ({ state }) => progressEvery(state.data && [state.data]),
  });
