/** The recordings of all one's rooms. */
import { useTranslation } from 'react-i18next';
import { Card, pageStyles, useTitle } from '../../../primitives/Page';
import { RequireUser } from '../../auth';
import { useEvents } from '../../events';
import { RecordingList } from '../components/RecordingList';
import { SpaceNotice } from '../components/SpaceNotice';

export function RecordingsPage() {
  return (
    <RequireUser>
      <Recordings />
    </RequireUser>
  );
}

function Recordings() {
  const { t } = useTranslation();
  useEvents();
  useTitle(t('recording.title'));
  return (
    <div className={pageStyles.column}>
      <div>
        <h1>{t('recording.title')}</h1>
        <p className={pageStyles.lead}>{t('recording.lead')}</p>
      </div>
      <SpaceNotice />
      <Card>
        <RecordingList />
      </Card>
    </div>
  );
}
