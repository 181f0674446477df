/** What everybody but moderators may send. */
import { useTranslation } from 'react-i18next';
import { problemText } from '../../../api/problem';
import type { Room } from '../../../api/types';
import { Switch } from '../../../primitives/Field';
import { Notice } from '../../../primitives/Notice';
import { Card } from '../../../primitives/Page';
import { useRoomUpdate } from '../hooks/useRoomUpdate';

const KINDS = ['audio', 'video', 'screen_share', 'chat'] as const;

export function MediaCard({ room }: { room: Room }) {
  const { t } = useTranslation();
  const { run, pending, failure } = useRoomUpdate(room);
  return (
    <Card title={t('settings.media')} lead={t('settings.mediaLead')}>
      <div>
        {KINDS.map((kind) => (
          <Switch
            key={kind}
            label={t(`permission.${kind}`)}
            isSelected={room.media[kind]}
            isDisabled={pending}
            onChange={(on) => void run({ media: { [kind]: on } })}
          />
        ))}
      </div>
      {failure !== null && <Notice tone="danger">{problemText(failure)}</Notice>}
    </Card>
  );
}
