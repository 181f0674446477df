/** Takes a dispatch back: its agents leave. */
import { answer, api } from '../../../api/client';

export const deleteDispatch = (id: string, room: string) =>
  api
    .DELETE('/api/agents/dispatches/{id}', { params: { path: { id }, query: { room } } })
    .then(answer);
