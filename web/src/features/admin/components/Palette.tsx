/** Goes anywhere in the administration from the keyboard: pages, rooms, accounts, recordings, streams, keys, and what is live. */
import { useQuery } from '@tanstack/react-query';
import { DoorOpen, Film, KeyRound, type LucideIcon, Podcast, Radio, User } from 'lucide-react';
import { useState } from 'react';
import {
  Autocomplete,
  Header,
  Input,
  ListBox,
  ListBoxItem,
  ListBoxSection,
  SearchField,
} from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { Dialog } from '../../../primitives/Dialog';
import { useMay } from '../../auth';
import { listIngresses } from '../../ingress';
import { listLiveRooms } from '../../live';
import { listApiKeys } from '../../programs';
import { listAllRecordings } from '../api/listAllRecordings';
import { listAllRooms } from '../api/listAllRooms';
import { listUsers } from '../api/listUsers';
import styles from './Palette.module.css';
import { useSections } from './sections';

/** Of each kind. */
const MOST = 6;

type Goal = { id: string; label: string; hint?: string; icon: LucideIcon; to: string };

export function Palette({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog title={t('palette.title')} isOpen={isOpen} onClose={onClose}>
      {isOpen && <Search onClose={onClose} />}
    </Dialog>
  );
}

function Search({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const groups = useGoals(text.trim());
  const found = groups.flatMap(({ goals }) => goals);
  const go = (id: string) => {
    const goal = found.find((each) => each.id === id);
    if (!goal) return;
    onClose();
    if (goal.to.startsWith('/api/')) location.href = goal.to;
    else void navigate(goal.to);
  };
  return (
    <Autocomplete inputValue={text} onInputChange={setText}>
      <SearchField aria-label={t('palette.search')} autoFocus className={styles.field}>
        <Input className={styles.input} placeholder={t('palette.search')} />
      </SearchField>
      <ListBox
        aria-label={t('palette.found')}
        className={styles.list}
        onAction={(id) => go(String(id))}
        renderEmptyState={() => <p className={styles.none}>{t('admin.noneFound')}</p>}
      >
        {groups.map(({ title, goals }) => (
          <ListBoxSection key={title} id={title}>
            <Header className={styles.title}>{title}</Header>
            {goals.map(({ id, label, hint, icon: Icon }) => (
              <ListBoxItem key={id} id={id} textValue={label} className={styles.goal}>
                <Icon size={18} aria-hidden="true" />
                <span className={styles.label}>{label}</span>
                {hint && <small>{hint}</small>}
              </ListBoxItem>
            ))}
          </ListBoxSection>
        ))}
      </ListBox>
    </Autocomplete>
  );
}

/** What the text finds, in groups without empty ones. Without a text: the pages. */
function useGoals(text: string): { title: string; goals: Goal[] }[] {
  const { t } = useTranslation();
  const asked = text !== '';
  const seesSite = useMay('see_site');
  const seesRecordings = useMay('see_recordings');
  const found = { query: text, limit: MOST };
  // Nothing stands in for an answer: Enter would open what another text has found.
  const now = { placeholderData: undefined, refetchInterval: false } as const;
  const rooms = useQuery({ ...listAllRooms(found), ...now, enabled: asked });
  const users = useQuery({ ...listUsers(found), ...now, enabled: asked && seesSite });
  const live = useQuery({ ...listLiveRooms(''), enabled: asked, refetchInterval: false });
  const recordings = useQuery({
    ...listAllRecordings({ q: text, limit: MOST }),
    ...now,
    enabled: asked && seesRecordings,
  });
  const streams = useQuery({
    ...listIngresses,
    enabled: asked && seesSite,
    refetchInterval: false,
  });
  const keys = useQuery({ ...listApiKeys(found), ...now, enabled: asked && seesSite });
  // All answers or none: one that came late would move what Enter opens.
  const answered =
    asked && ![rooms, users, live, recordings, streams, keys].some(({ isLoading }) => isLoading);
  const wanted = text.toLowerCase();
  const has = (texts: (string | null | undefined)[]) =>
    texts.some((each) => each?.toLowerCase().includes(wanted));
  const pages = useSections().flatMap(({ sections }) => sections);
  const groups = [
    {
      title: t('palette.pages'),
      goals: pages
        .filter(({ label }) => label.toLowerCase().includes(wanted))
        .map(({ id, label, icon, href }) => ({
          id: `page ${id}`,
          label,
          icon,
          to: href ?? `/admin/${id}`,
        })),
    },
    {
      title: t('live.title'),
      goals: (answered ? (live.data?.items ?? []) : [])
        .filter(({ name, sid, site_room }) => has([name, sid, site_room?.name, site_room?.slug]))
        .slice(0, MOST)
        .map(({ name, sid, site_room }) => ({
          id: `live ${name}`,
          label: site_room?.name ?? name,
          hint: sid,
          icon: Radio,
          to: `/admin/live/${encodeURIComponent(name)}`,
        })),
    },
    {
      title: t('admin.rooms'),
      goals: (answered ? (rooms.data?.items ?? []) : []).map(({ id, name, slug }) => ({
        id: `room ${id}`,
        label: name,
        hint: slug,
        icon: DoorOpen,
        to: `/${slug}/settings`,
      })),
    },
    {
      title: t('admin.users'),
      goals: (answered ? (users.data?.items ?? []) : []).map(({ id, name, email }) => ({
        id: `user ${id}`,
        label: name,
        hint: email,
        icon: User,
        to: `/admin/users/${id}`,
      })),
    },
    {
      title: t('recording.title'),
      goals: (answered ? (recordings.data?.items ?? []) : []).map(({ id, title, room }) => ({
        id: `recording ${id}`,
        label: title,
        hint: room.name,
        icon: Film,
        to: `/recordings/${id}`,
      })),
    },
    {
      title: t('ingress.title'),
      goals: (answered ? (streams.data?.items ?? []) : [])
        .filter(({ id, name, room, link, participant_name }) =>
          has([id, name, room, link, participant_name]),
        )
        .slice(0, MOST)
        .map(({ id, name, room, link }) => ({
          id: `stream ${id}`,
          label: name || id,
          hint: link ?? room,
          icon: Podcast,
          to: '/admin/streaming',
        })),
    },
    {
      title: t('admin.keys'),
      goals: (answered ? (keys.data?.items ?? []) : []).map(({ id, name, key }) => ({
        id: `key ${id}`,
        label: name,
        hint: key,
        icon: KeyRound,
        to: `/admin/keys?query=${encodeURIComponent(key)}`,
      })),
    },
  ];
  return groups.filter(({ goals }) => goals.length > 0);
}
