/** Who is looking at this page; undefined while we don't know yet. */
import { useQuery } from '@tanstack/react-query';
import type { User } from '../../../api/types';
import { getMe } from '../api/me';

export function useMe(): User | null | undefined {
  return useQuery(getMe).data;
}
