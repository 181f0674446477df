/** Deletes an account; its rooms are handed over to the caller, or deleted. */
import { request } from '../../../api/client';

export type RoomsOfDeleted = 'hand_over' | 'delete';

export const deleteUser = (id: string, rooms: RoomsOfDeleted) =>
  request('DELETE', '/api/users/{id}', { path: { id }, query: { rooms } });
