/** Films that do not come further, why, and the way to try at once; or every recording of the site. */
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { AdminRecording } from '../../../api/types';
import { attempt } from '../../../primitives/attempt';
import { Button } from '../../../primitives/Button';
import { Switch } from '../../../primitives/Field';
import { Card, pageStyles } from '../../../primitives/Page';
import { PagedList } from '../../../primitives/PagedList';
import { useFormat } from '../../../primitives/useFormat';
import { useMay } from '../../auth';
import { RecordingStatus, StateBadge, useRecordingFacts } from '../../recordings';
import { listAllRecordings } from '../api/listAllRecordings';
import { retryRecording } from '../api/retryRecording';

export function RecordingsCard() {
  const { t } = useTranslation();
  const [stuck, setStuck] = useState(true);
  const recordings = useInfiniteQuery(listAllRecordings(stuck ? 'stuck' : 'all'));
  return (
    <Card title={t('recording.title')}>
      <Switch
        label={t('admin.stuckOnly')}
        hint={t('admin.stuckHint')}
        isSelected={stuck}
        onChange={setStuck}
      />
      <PagedList pages={recordings} empty={stuck ? t('admin.noneStuck') : t('admin.noneFound')}>
        {(items) =>
          items.map((recording) => <RecordingItem key={recording.id} recording={recording} />)
        }
      </PagedList>
    </Card>
  );
}

function RecordingItem({ recording }: { recording: AdminRecording }) {
  const { t } = useTranslation();
  const format = useFormat();
  const administers = useMay('administer');
  const facts = useRecordingFacts();
  const queryClient = useQueryClient();
  const { id, title, room, attempts, last_error, next_at } = recording;
  const retry = async () => {
    await attempt(retryRecording(id));
    await queryClient.invalidateQueries({ queryKey: ['recordings'] });
  };
  const tried = [
    attempts > 0 && t('admin.attempts', { count: attempts }),
    last_error,
    next_at !== null && t('admin.nextTry', { when: format.dateTime(next_at) }),
  ].filter(Boolean);
  return (
    <li className={`${pageStyles.item} ${pageStyles.itemWraps}`}>
      <div className={pageStyles.itemText}>
        <div className={pageStyles.itemTitle}>
          <Link to={`/recordings/${id}`}>{title}</Link>
          <StateBadge state={recording.state} />
        </div>
        <div className={pageStyles.itemHint}>{[room.name, ...facts(recording)].join(' · ')}</div>
        <RecordingStatus recording={recording} />
        {tried.length > 0 && <div className={pageStyles.itemChange}>{tried.join(' · ')}</div>}
      </div>
      {administers && isRetryable(recording) && (
        <Button small aria-label={t('admin.retryOf', { title })} onPress={() => void retry()}>
          {t('admin.retry')}
        </Button>
      )}
    </li>
  );
}

/** As the server sees it: the film waits, or seemed lost. */
const isRetryable = ({ state, fault }: AdminRecording) =>
  state === 'processing' || (state === 'failed' && fault === 'file_gone');
