/** The trunks of SIP: list, make, change, delete. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';
import type { TrunkSettings } from '../../../api/types';

export const listTrunks = queryOptions({
  queryKey: ['admin', 'sip', 'trunks'],
  queryFn: ({ signal }) => api.GET('/api/sip/trunks', { signal }).then(answer),
});

export const createTrunk = (body: TrunkSettings) =>
  api.POST('/api/sip/trunks', { body }).then(answer);

export const updateTrunk = (id: string, body: TrunkSettings) =>
  api.PUT('/api/sip/trunks/{id}', { params: { path: { id } }, body }).then(answer);

export const deleteTrunk = (id: string) =>
  api.DELETE('/api/sip/trunks/{id}', { params: { path: { id } } }).then(answer);
