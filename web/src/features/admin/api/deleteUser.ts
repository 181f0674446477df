/** Deletes an account; its rooms get a new owner, the caller when nobody is named, or are deleted. */
import { answer, api } from '../../../api/client';

export const deleteUser = (
  id: string,
  query: { rooms: 'hand_over' | 'delete'; new_owner?: string },
) => api.DELETE('/api/users/{id}', { params: { path: { id }, query } }).then(answer);
