/** Makes a room. */
import { request } from '../../../api/client';
import type { NewRoom, Room } from '../../../api/types';

export const createRoom = (body: NewRoom) => request<Room>('POST', '/api/rooms', { body });
