/** Closes a room to whoever is not inside, or opens it again. */
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { problemText } from '../../../api/problem';
import type { Room } from '../../../api/types';
import { Switch } from '../../../primitives/Field';
import { Notice } from '../../../primitives/Notice';
import { useAction } from '../../../primitives/useAction';
import { getRoom } from '../api/getRoom';
import { setLock } from '../api/setLock';

export function LockSwitch({ room }: { room: Room }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const lock = useAction(async (locked: boolean) =>
    queryClient.setQueryData(getRoom(room.slug).queryKey, await setLock(room.slug, locked)),
  );
  return (
    <>
      <Switch
        label={t('room.lock')}
        hint={t('room.lockHint')}
        isSelected={room.locked}
        isDisabled={lock.pending}
        onChange={(locked) => void lock.run(locked)}
      />
      {lock.failure !== null && <Notice tone="danger">{problemText(lock.failure)}</Notice>}
    </>
  );
}
