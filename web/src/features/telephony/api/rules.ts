/** The dispatch rules of SIP: list, make, change, delete. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';
import type { RuleSettings } from '../../../api/types';
import type { Message } from '../message';

export const listRules = queryOptions({
  queryKey: ['admin', 'sip', 'rules'],
  queryFn: ({ signal }) => api.GET('/api/sip/rules', { signal }).then(answer),
});

export const createRule = (body: RuleSettings) => api.POST('/api/sip/rules', { body }).then(answer);

export const updateRule = (id: string, body: RuleSettings) =>
  api.PUT('/api/sip/rules/{id}', { params: { path: { id } }, body }).then(answer);

export const deleteRule = (id: string) =>
  api.DELETE('/api/sip/rules/{id}', { params: { path: { id } } }).then(answer);

/** Whole, in LiveKit's own JSON. */
export const showRuleMessage = (id: string, signal: AbortSignal) =>
  api.GET('/api/sip/rules/{id}/message', { params: { path: { id } }, signal }).then(answer);

export const setRuleMessage = (id: string, body: Message) =>
  api.PUT('/api/sip/rules/{id}/message', { params: { path: { id } }, body }).then(answer);
