/** Has a command run again. */
import { answer, api } from '../../../api/client';

export const startCommand = (name: string) =>
  api.POST('/api/agents/commands/{name}/start', { params: { path: { name } } }).then(answer);
