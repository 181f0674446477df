/** My rooms: who is there now, when they last met, and the ways in. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link2, Lock, Settings } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Room } from '../../../api/types';
import { Button, IconButton, LinkButton } from '../../../primitives/Button';
import { copyText } from '../../../primitives/copyText';
import { TextField } from '../../../primitives/Field';
import { Badge } from '../../../primitives/Notice';
import { Empty, Failed, Loading, pageStyles } from '../../../primitives/Page';
import { Seats } from '../../../primitives/Seats';
import { toast } from '../../../primitives/Toasts';
import { useFormat } from '../../../primitives/useFormat';
import { useEvents } from '../../events';
import { listRooms } from '../api/listRooms';
import styles from './Home.module.css';

/** `action` makes a room: beside the title, or where there is no room yet. */
export function RoomList({ action }: { action: ReactNode }) {
  const { t } = useTranslation();
  const [query, setQuery] = useState('');
  const rooms = useInfiniteQuery(listRooms(query));
  useEvents();
  const items = rooms.data?.pages.flatMap((page) => page.items) ?? [];
  const none = rooms.isSuccess && items.length === 0;
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
        {!(none && query === '') && action}
      </div>
      {rooms.isPending && <Loading />}
      {rooms.isError && <Failed error={rooms.error} retry={() => void rooms.refetch()} />}
      {none && (
        <Empty>
          {query === '' && (
            <span className={styles.seats}>
              <Seats taken={0} size={72} />
            </span>
          )}
          <p>{query ? t('home.nothingFound') : t('home.noRooms')}</p>
          {query === '' && action}
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
  const format = useFormat();
  const met = room.last_call_at
    ? t('home.lastMet', { date: format.dateTime(room.last_call_at) })
    : t('home.neverMet');
  const manages = room.role === 'owner' || room.role === 'moderator';
  return (
    <li className={`${pageStyles.item} ${pageStyles.itemWraps}`}>
      <span className={styles.seats} data-live={room.live.participants > 0}>
        <Seats taken={Math.min(room.live.participants, 5)} size={36} />
      </span>
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
          {[
            room.role !== 'owner' && t('home.roomOf', { name: room.owner.name }),
            room.live.participants === 0 && met,
          ]
            .filter(Boolean)
            .join(' · ')}
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
      <LinkButton to={`/${room.slug}`} small look="outline">
        {t('home.enter')} <span className="visually-hidden">{room.name}</span>
      </LinkButton>
    </li>
  );
}
