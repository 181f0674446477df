/** Asks to be let in: the answer is an address and a token for livekit-client. */
import { request } from '../../../api/client';
import type { Join } from '../../../api/types';

export const joinRoom = (slug: string, name: string | undefined, signal?: AbortSignal) =>
  request<Join>('POST', '/api/rooms/{slug}/join', {
    path: { slug },
    body: name ? { name } : {},
    signal,
  });
