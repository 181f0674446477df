/** Ends all processes of a command. */
import { answer, api } from '../../../api/client';

export const stopCommand = (name: string) =>
  api.POST('/api/agents/commands/{name}/stop', { params: { path: { name } } }).then(answer);
