/** Makes a room. */
import { request } from '../../../api/client';
import type { NewRoom } from '../../../api/types';

export const createRoom = (body: NewRoom) => request('POST', '/api/rooms', { body });
