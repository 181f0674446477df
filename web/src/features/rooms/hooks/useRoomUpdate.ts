/** Saves a change of a room's settings and shows the server's answer everywhere. */
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { NewRoom, Room } from '../../../api/types';
import { toast } from '../../../primitives/Toasts';
import { useAction } from '../../../primitives/useAction';
import { getRoom } from '../api/getRoom';
import { updateRoom } from '../api/updateRoom';

export function useRoomUpdate(room: Room) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  return useAction(async (change: Partial<NewRoom>): Promise<Room> => {
    const updated = await updateRoom(room.slug, change);
    queryClient.setQueryData(getRoom(updated.slug).queryKey, updated);
    void queryClient.invalidateQueries({ queryKey: ['rooms'] });
    toast(t('common.saved'));
    return updated;
  });
}
