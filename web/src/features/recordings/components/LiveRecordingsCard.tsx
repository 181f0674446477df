/** What of a live room is or was recorded, newest first, for whoever looks at it from outside. */
import { useTranslation } from 'react-i18next';
import { Card } from '../../../primitives/Page';
import { ForeignRecordingList } from './RecordingList';

export function LiveRecordingsCard({ slug }: { slug: string }) {
  const { t } = useTranslation();
  return (
    <Card title={t('recording.title')} lead={t('recording.liveLead')}>
      <ForeignRecordingList slug={slug} />
    </Card>
  );
}
