/** My rooms: who is there now, and the ways in. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link2, Lock, Settings } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Room } from '../../../api/types';
import { Avatar } from '../../../primitives/Avatar';
import { Button, IconButton, LinkButton } from '../../../primitives/Button';
import { copyText } from '../../../primitives/copyText';
import { TextField } from '../../../primitives/Field';
import { Badge } from '../../../primitives/Notice';
import { Empty, Failed, Loading, pageStyles } from '../../../primitives/Page';
import { toast } from '../../../primitives/Toasts';
import { useEvents } from '../../events';
import { listRooms } from '../api/listRooms';

export function RoomList() {
  const { t } = useTranslation();
  const [query, setQuery] = useState('');
  const rooms = useInfiniteQuery(listRooms(query));
  useEvents();
  const items = rooms.data?.pages.flatMap((page) => page.items) ?? [];
  const many = query !== '' || rooms.hasNextPage || items.length > 6;
  return (
    <section className={pageStyles.card} aria-labelledby="my-rooms">
      <div className={pageStyles.cardHead}>
        <h2 id="my-rooms">{t('home.myRooms')}</h2>
        {many && (
          <TextField
            label={t('home.search')}
            placeholder={t('home.search')}
            hideLabel
            type="search"
            value={query}
            onChange={setQuery}
          />
        )}
      </div>
      {rooms.isPending && <Loading />}
      {rooms.isError && <Failed error={rooms.error} retry={() => void rooms.refetch()} />}
      {rooms.isSuccess && items.length === 0 && (
        <Empty>
          <p>{query ? t('home.nothingFound') : t('home.noRooms')}</p>
        </Empty>
      )}
      <ul className={pageStyles.list}>
        {items.map((room) => (
          <RoomItem key={room.id} room={room} />
        ))}
      </ul>
      {rooms.hasNextPage && (
        <Button isPending={rooms.isFetchingNextPage} onPress={() => void rooms.fetchNextPage()}>
          {t('common.more')}
        </Button>
      )}
    </section>
  );
}

function RoomItem({ room }: { room: Room }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const manages = room.role === 'owner' || room.role === 'moderator';
  return (
    <li className={`${pageStyles.item} ${pageStyles.itemWraps}`}>
      <Avatar name={room.name} size={42} />
      <div className={pageStyles.itemText}>
        <div className={pageStyles.itemTitle}>
          {room.name}
          {room.live.participants > 0 && (
            <Badge tone="good">{t('home.live', { count: room.live.participants })}</Badge>
          )}
          {room.locked && (
            <Badge tone="warn">
              <Lock size={12} aria-hidden="true" />
              {t('room.locked')}
            </Badge>
          )}
        </div>
        <div className={pageStyles.itemHint}>
          {room.slug}
          {room.role !== 'owner' && ` · ${t('home.roomOf', { name: room.owner.name })}`}
        </div>
      </div>
      <IconButton
        look="quiet"
        small
        label={t('home.copyLinkOf', { name: room.name })}
        tooltip={t('home.copyLink')}
        onPress={async () => {
          const copied = await copyText(room.url);
          toast(copied ? t('home.copied') : room.url);
        }}
      >
        <Link2 size={18} aria-hidden="true" />
      </IconButton>
      {manages && (
        <IconButton
          look="quiet"
          small
          label={t('home.settingsOf', { name: room.name })}
          tooltip={t('room.settings')}
          onPress={() => navigate(`/${room.slug}/settings`)}
        >
          <Settings size={18} aria-hidden="true" />
        </IconButton>
      )}
      <LinkButton to={`/${room.slug}`} small look="primary">
        {t('home.open')} <span className="visually-hidden">{room.name}</span>
      </LinkButton>
    </li>
  );
}
