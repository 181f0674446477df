/** Leads a page of a room to the room's new link when somebody changed it. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useLocation, useNavigate } from 'react-router';
import type { Room } from '../../../api/types';
import { getRoom } from '../api/getRoom';

/** `lost`: the room as it was known under `slug`, which leads to it no longer. Returns whether it may still be found. */
export function useMovedRoom(lost: Room | undefined, slug: string): boolean {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const { pathname, search } = useLocation();
  // A room's id finds it whatever its link is, for those who may see this page.
  const found = useQuery({ ...getRoom(lost?.id ?? ''), enabled: lost !== undefined, staleTime: 0 });
  const room = lost && !found.isFetching ? found.data : undefined;
  const moved = room !== undefined && room.slug !== slug;
  useEffect(() => {
    if (!moved) return;
    queryClient.setQueryData(getRoom(room.slug).queryKey, room);
    const rest = pathname.split('/').slice(2).join('/');
    navigate(`/${room.slug}/${rest}${search}`, { replace: true });
  }, [moved, room, pathname, search, navigate, queryClient]);
  return lost !== undefined && (found.isFetching || moved);
}
