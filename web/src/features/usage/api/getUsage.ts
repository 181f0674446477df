/** What went on in a range that ends now. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';
import { RANGES, type RangeId, startOf } from '../range';

export const getUsage = (range: RangeId) =>
  queryOptions({
    queryKey: ['admin', 'usage', range],
    queryFn: ({ signal }) => {
      const { minutes, step } = RANGES[range];
      // Whole steps, so that points stay where they are while time goes on.
      const to = startOf(Date.now(), step) + step * 60_000;
      const from = to - minutes * 60_000;
      return api
        .GET('/api/admin/usage', { params: { query: { from, to, step } }, signal })
        .then(answer)
        .then((usage) => ({ ...usage, from, to }));
    },
    // A month changes no faster than its points.
    refetchInterval: RANGES[range].step <= 10 ? 15_000 : RANGES[range].step * 5_000,
    placeholderData: (previous) => previous,
  });
