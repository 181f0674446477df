/** Saves a change of a room's settings and shows the server's answer everywhere. */
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Problem } from '../../../api/problem';
import type { Room, RoomChange } from '../../../api/types';
import { toast } from '../../../primitives/Toasts';
import { useAction } from '../../../primitives/useAction';
import { getRoom } from '../api/getRoom';
import { updateRoom } from '../api/updateRoom';

export function useRoomUpdate(room: Room) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  return useAction(async (change: RoomChange, seen?: number): Promise<Room> => {
    const updated = await updateRoom(room.slug, change, seen).catch(async (error: unknown) => {
      // Shows what somebody else saved, beside what was typed here.
      if (isChangedMeanwhile(error)) await queryClient.invalidateQueries(getRoom(room.slug));
      throw error;
    });
    queryClient.setQueryData(getRoom(updated.slug).queryKey, updated);
    void queryClient.invalidateQueries({ queryKey: ['rooms'] });
    toast(t('common.saved'));
    return updated;
  });
}

export const isChangedMeanwhile = (error: unknown) =>
  error instanceof Problem && error.code === 'changed_meanwhile';
