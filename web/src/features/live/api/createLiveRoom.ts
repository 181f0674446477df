/** Makes a room on the media server that is none of the site's. */
import { answer, api } from '../../../api/client';
import type { components } from '../../../api/schema';

export const createLiveRoom = (body: components['schemas']['CreateLiveRoom']) =>
  api.POST('/api/livekit/rooms', { body }).then(answer);
