/** Sends somebody out and keeps them out. */
import { request } from '../../../api/client';
import type { Ban } from '../../../api/types';

export const ban = (slug: string, identity: string, reason: string) =>
  request<Ban>('POST', '/api/rooms/{slug}/participants/{identity}/ban', {
    path: { slug, identity },
    body: reason ? { reason } : {},
  });
