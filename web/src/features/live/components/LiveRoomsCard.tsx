/** Every room that is live on the media server, also those that programs made. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LiveRoom } from '../../../api/types';
import { Button, LinkButton } from '../../../primitives/Button';
import { TextField } from '../../../primitives/Field';
import { LiveRefresh } from '../../../primitives/LiveRefresh';
import { Badge, Notice } from '../../../primitives/Notice';
import { Card, Empty, Failed, Loading, pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import { useMay } from '../../auth';
import { getSite } from '../../site';
import { listLiveRooms } from '../api/listLiveRooms';
import { NewLiveRoom } from './NewLiveRoom';

export function LiveRoomsCard() {
  const { t } = useTranslation();
  const [query, setQuery] = useState('');
  const [paused, setPaused] = useState(false);
  const [making, setMaking] = useState(false);
  const administers = useMay('administer');
  const rooms = useQuery({ ...listLiveRooms(query), enabled: !paused });
  const items = rooms.data?.items;
  const missing = rooms.data?.missing_regions ?? [];
  const site = useQuery(getSite);
  const several = (site.data?.regions.length ?? 0) > 0;
  return (
    <Card
      title={t('live.title')}
      lead={t('live.lead')}
      actions={
        <LiveRefresh
          paused={paused}
          lost={rooms.isError}
          updatedAt={rooms.dataUpdatedAt}
          onChange={setPaused}
        />
      }
    >
      <TextField
        label={t('live.search')}
        placeholder={t('live.search')}
        hideLabel
        type="search"
        value={query}
        onChange={setQuery}
        isDisabled={paused}
      />
      {rooms.isPending && <Loading />}
      {rooms.isError && <Failed error={rooms.error} retry={() => void rooms.refetch()} />}
      {missing.length > 0 && (
        <Notice tone="warn">{t('live.missingRegions', { regions: missing.join(', ') })}</Notice>
      )}
      {items?.length === 0 && !rooms.isError && (
        <Empty>{query ? t('admin.noneFound') : t('live.none')}</Empty>
      )}
      {items && items.length > 0 && (
        <ul className={pageStyles.list}>
          {items.map((room) => (
            <LiveRoomItem key={`${room.region} ${room.name}`} room={room} several={several} />
          ))}
        </ul>
      )}
      {administers && (
        <div>
          <Button onPress={() => setMaking(true)}>{t('live.newRoom')}</Button>
        </div>
      )}
      {making && <NewLiveRoom onClose={() => setMaking(false)} />}
    </Card>
  );
}

function LiveRoomItem({ room, several }: { room: LiveRoom; several: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const called = room.site_room?.name ?? room.name;
  return (
    <li className={`${pageStyles.item} ${pageStyles.itemWraps}`}>
      <div className={pageStyles.itemText}>
        <div className={pageStyles.itemTitle}>
          {called}
          <Badge tone={room.num_participants > 0 ? 'good' : 'neutral'}>
            {t('live.people', { count: room.num_participants })}
          </Badge>
          {room.active_recording && <Badge tone="danger">{t('live.recording')}</Badge>}
          {!room.site_room && <Badge tone="info">{t('live.foreign')}</Badge>}
        </div>
        <div className={pageStyles.itemHint}>
          {[
            t('live.since', { when: format.dateTime(room.created_at) }),
            t('live.publishers', { count: room.num_publishers }),
            room.site_room?.slug,
            several && t('live.inRegion', { region: room.region }),
          ]
            .filter(Boolean)
            .join(' · ')}
        </div>
      </div>
      <LinkButton to={`/admin/live/${encodeURIComponent(room.name)}`} small>
        {t('live.open')} <span className="visually-hidden">{called}</span>
      </LinkButton>
    </li>
  );
}
