/** A room's recordings, among its settings. */
import { useTranslation } from 'react-i18next';
import type { Room } from '../../../api/types';
import { Card } from '../../../primitives/Page';
import { ForeignRecordingList, RecordingList } from './RecordingList';

export function RecordingsCard({ room }: { room: Room }) {
  const { t } = useTranslation();
  const own = room.role === 'owner' || room.role === 'moderator';
  return (
    <Card title={t('recording.title')} lead={t('recording.roomLead')}>
      {own ? <RecordingList room={room.id} /> : <ForeignRecordingList slug={room.id} />}
    </Card>
  );
}
