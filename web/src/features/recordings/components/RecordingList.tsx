/** Recordings in pages: search, filter, order, and what is done with several at once. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RecordingState } from '../../../api/types';
import { Select, TextField } from '../../../primitives/Field';
import { listRecordings } from '../api/listRecordings';
import { listRoomRecordings } from '../api/listRoomRecordings';
import { ORDERS, type Order } from '../order';
import { STATES } from '../state';
import { RecordingItems } from './RecordingItems';
import styles from './Recordings.module.css';

const LONGEST_QUERY = 200;

/** Without `room` those of all one's rooms. */
export function RecordingList({ room }: { room?: string }) {
  const { t } = useTranslation();
  const [q, setQ] = useState('');
  const [status, setStatus] = useState<RecordingState | null>(null);
  const [order, setOrder] = useState<Order>('newest');
  const pages = useInfiniteQuery(listRecordings({ room, q, status, order }));
  const filtered = q !== '' || status !== null;
  return (
    <>
      <div className={styles.filters}>
        <TextField
          label={t('recording.search')}
          placeholder={t('recording.search')}
          hideLabel
          type="search"
          value={q}
          onChange={(text) => setQ(text.slice(0, LONGEST_QUERY))}
        />
        <Select
          label={t('recording.filter')}
          hideLabel
          choices={[
            { id: 'all', label: t('recording.all') },
            ...STATES.map((id) => ({ id, label: t(`recording.state.${id}`) })),
          ]}
          value={status ?? 'all'}
          onChange={(id) => setStatus(id === 'all' ? null : (id as RecordingState))}
        />
        <Select
          label={t('recording.orderLabel')}
          hideLabel
          choices={ORDERS.filter((id) => id !== 'room' || room === undefined).map((id) => ({
            id,
            label: t(`recording.order.${id}`),
          }))}
          value={order}
          onChange={(id) => setOrder(id as Order)}
        />
      </div>
      <RecordingItems
        pages={pages}
        withRoom={room === undefined}
        empty={filtered ? t('recording.nothingFound') : t('recording.none')}
      />
    </>
  );
}

/** For an administrator without a role in the room: the server lists them so, newest first. */
export function ForeignRecordingList({ slug }: { slug: string }) {
  const { t } = useTranslation();
  const pages = useInfiniteQuery(listRoomRecordings(slug));
  return <RecordingItems pages={pages} withRoom={false} empty={t('recording.none')} />;
}
