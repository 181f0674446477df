/** Deletes an account; its rooms are handed over to the caller, or deleted. */
import { answer, api } from '../../../api/client';

export type RoomsOfDeleted = 'hand_over' | 'delete';

export const deleteUser = (id: string, rooms: RoomsOfDeleted) =>
  api.DELETE('/api/users/{id}', { params: { path: { id }, query: { rooms } } }).then(answer);
