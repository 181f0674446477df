/** The dispatch rules of SIP: list, make, change, delete. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';
import type { RuleSettings } from '../../../api/types';

export const listRules = queryOptions({
  queryKey: ['admin', 'sip', 'rules'],
  queryFn: ({ signal }) => api.GET('/api/sip/rules', { signal }).then(answer),
});

export const createRule = (body: RuleSettings) => api.POST('/api/sip/rules', { body }).then(answer);

export const updateRule = (id: string, body: RuleSettings) =>
  api.PUT('/api/sip/rules/{id}', { params: { path: { id } }, body }).then(answer);

export const deleteRule = (id: string) =>
  api.DELETE('/api/sip/rules/{id}', { params: { path: { id } } }).then(answer);
