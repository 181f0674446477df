/** Tells what the page measured; `last`: the request goes on when the page is gone. */
import { answer, api } from '../../../api/client';
import type { QualityReport } from '../../../api/types';

export const reportQuality = (slug: string, body: QualityReport, last: boolean) =>
  api
    .POST('/api/rooms/{slug}/quality', { params: { path: { slug } }, body, keepalive: last })
    .then(answer);
