/** The trunks of SIP: list, make, change, delete. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';
import type { TrunkSettings } from '../../../api/types';
import type { Message } from '../message';

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

/** Whole, in LiveKit's own JSON. */
export const showTrunkMessage = (id: string, signal: AbortSignal) =>
  api.GET('/api/sip/trunks/{id}/message', { params: { path: { id } }, signal }).then(answer);

export const setTrunkMessage = (id: string, body: Message) =>
  api.PUT('/api/sip/trunks/{id}/message', { params: { path: { id } }, body }).then(answer);
