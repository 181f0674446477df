/** Every room of the site. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Avatar } from '../../../primitives/Avatar';
import { LinkButton } from '../../../primitives/Button';
import { TextField } from '../../../primitives/Field';
import { Badge } from '../../../primitives/Notice';
import { Card, pageStyles } from '../../../primitives/Page';
import { PagedList } from '../../../primitives/PagedList';
import { listAllRooms } from '../api/listAllRooms';

export function RoomsCard() {
  const { t } = useTranslation();
  const [query, setQuery] = useState('');
  const rooms = useInfiniteQuery(listAllRooms(query));
  return (
    <Card title={t('admin.rooms')}>
      <TextField
        label={t('admin.searchRooms')}
        placeholder={t('admin.searchRooms')}
        hideLabel
        type="search"
        value={query}
        onChange={setQuery}
      />
      <PagedList pages={rooms} empty={t('admin.noneFound')}>
        {(items) =>
          items.map((room) => (
            <li key={room.id} className={pageStyles.item}>
              <Avatar name={room.name} size={38} />
              <div className={pageStyles.itemText}>
                <div className={pageStyles.itemTitle}>
                  {room.name}
                  {room.live.participants > 0 && (
                    <Badge tone="good">{t('home.live', { count: room.live.participants })}</Badge>
                  )}
                </div>
                <div className={pageStyles.itemHint}>
                  {room.slug} · {t('admin.ownedBy', { name: room.owner.name })}
                </div>
              </div>
              <LinkButton to={`/${room.slug}/settings`} small>
                {t('room.settings')} <span className="visually-hidden">{room.name}</span>
              </LinkButton>
            </li>
          ))
        }
      </PagedList>
    </Card>
  );
}
