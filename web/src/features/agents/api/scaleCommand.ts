/** Changes how many processes a command has. */
import { answer, api } from '../../../api/client';

export const scaleCommand = (name: string, count: number) =>
  api
    .PUT('/api/agents/commands/{name}/scale', { params: { path: { name } }, body: { count } })
    .then(answer);
