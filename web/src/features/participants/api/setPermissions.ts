/** Changes what somebody may send; the media server enforces it. */
import { request } from '../../../api/client';
import type { MediaDefaults } from '../../../api/types';

export const setPermissions = (slug: string, identity: string, body: Partial<MediaDefaults>) =>
  request('PUT', '/api/rooms/{slug}/participants/{identity}/permissions', {
    path: { slug, identity },
    body,
  });
