/** Makes a room. */
import { answer, api } from '../../../api/client';
import type { NewRoom } from '../../../api/types';

export const createRoom = (body: NewRoom) => api.POST('/api/rooms', { body }).then(answer);
