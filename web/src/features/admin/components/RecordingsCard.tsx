/** Every recording of the site, or those whose film does not come further: why, and the way to try at once. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { RotateCw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { AdminRecording } from '../../../api/types';
import { attempt } from '../../../primitives/attempt';
import type { DataColumn } from '../../../primitives/DataTable';
import { ListTable } from '../../../primitives/ListTable';
import type { MenuAction } from '../../../primitives/Menu';
import { Card, pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import { exportOf, useList } from '../../../primitives/useList';
import { useMay } from '../../auth';
import { RecordingStatus, StateBadge } from '../../recordings';
import { listAllRecordings, RECORDINGS_EXPORT } from '../api/listAllRecordings';
import { retryRecording } from '../api/retryRecording';

const STATES = [
  'starting',
  'recording',
  'stopping',
  'composing',
  'processing',
  'completed',
  'failed',
  'aborted',
] as const;

export function RecordingsCard() {
  const { t } = useTranslation();
  const administers = useMay('administer');
  const queryClient = useQueryClient();
  const list = useList({
    filters: ['q', 'state', 'status', 'user_id'],
    order: { sort: 'date', direction: 'desc' },
  });
  const recordings = useQuery(listAllRecordings(list.page));
  const columns = useColumns();
  // Those come with the newest first only.
  const stuck = list.chosen.state === 'stuck';
  const retry = async (id: string) => {
    await attempt(retryRecording(id));
    await queryClient.invalidateQueries({ queryKey: ['recordings'] });
  };
  const actions = (recording: AdminRecording): MenuAction[] =>
    administers && isRetryable(recording)
      ? [
          {
            id: 'retry',
            label: t('admin.retry'),
            icon: <RotateCw size={18} aria-hidden="true" />,
            run: () => void retry(recording.id),
          },
        ]
      : [];
  return (
    <Card title={t('recording.title')}>
      <ListTable
        label={t('recording.title')}
        list={list}
        page={recordings}
        columns={stuck ? columns.map((column) => ({ ...column, sorts: undefined })) : columns}
        search={stuck ? undefined : { name: 'q', label: t('list.searchTitle') }}
        filters={[
          {
            kind: 'choice',
            name: 'state',
            label: t('list.which'),
            choices: [{ id: 'stuck', label: t('admin.stuckOnly'), hint: t('admin.stuckHint') }],
          },
          ...(stuck
            ? []
            : [
                {
                  kind: 'choice' as const,
                  name: 'status',
                  label: t('person.state'),
                  choices: STATES.map((id) => ({ id, label: t(`recording.state.${id}`) })),
                },
                {
                  kind: 'chip' as const,
                  name: 'user_id',
                  label: '',
                  says: () => t('person.ofTheirRooms'),
                },
              ]),
        ]}
        empty={t('admin.noneFound')}
        nothingFound={stuck ? t('admin.noneStuck') : undefined}
        nameOf={({ title }) => title}
        actions={actions}
        exportPath={(format) => exportOf(RECORDINGS_EXPORT, list.asked, format)}
      />
    </Card>
  );
}

function useColumns(): DataColumn<AdminRecording>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return [
    {
      id: 'title',
      label: t('list.title'),
      sorts: 'asc',
      cell: (recording) => {
        const { id, title, state, attempts, last_error, next_at } = recording;
        const tried = [
          attempts > 0 && t('admin.attempts', { count: attempts }),
          last_error,
          next_at !== null && t('admin.nextTry', { when: format.dateTime(next_at) }),
        ].filter(Boolean);
        return (
          <>
            <div className={pageStyles.itemTitle}>
              <Link to={`/recordings/${id}`}>{title}</Link>
              <StateBadge state={state} />
            </div>
            <RecordingStatus recording={recording} />
            {tried.length > 0 && <div className={pageStyles.itemChange}>{tried.join(' · ')}</div>}
          </>
        );
      },
    },
    { id: 'room', label: t('list.room'), cell: ({ room }) => room.name },
    {
      id: 'date',
      label: t('list.when'),
      sorts: 'desc',
      cell: ({ started_at, requested_at }) => format.dateTime(started_at ?? requested_at),
    },
    {
      id: 'duration',
      label: t('list.duration'),
      sorts: 'desc',
      isNumber: true,
      cell: ({ duration_ms }) => (duration_ms === null ? '–' : format.clock(duration_ms)),
    },
    {
      id: 'size',
      label: t('list.fileSize'),
      sorts: 'desc',
      isNumber: true,
      cell: ({ size }) => (size === null ? '–' : format.bytes(size)),
    },
  ];
}

/** As the server sees it: the film waits, or seemed lost. */
const isRetryable = ({ state, fault }: AdminRecording) =>
  state === 'processing' || (state === 'failed' && fault === 'file_gone');
