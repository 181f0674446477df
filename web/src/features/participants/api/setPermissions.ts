/** Changes what somebody may send; the media server enforces it. */
import { answer, api } from '../../../api/client';
import type { MediaDefaults } from '../../../api/types';

export const setPermissions = (slug: string, identity: string, body: Partial<MediaDefaults>) =>
  api
    .PUT('/api/rooms/{slug}/participants/{identity}/permissions', {
      params: { path: { slug, identity } },
      body,
    })
    .then(answer);
