/** The first page: for who is signed in their rooms, for others the ways in. */
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { User } from '../../../api/types';
import { Button, LinkButton } from '../../../primitives/Button';
import { Notice } from '../../../primitives/Notice';
import { Loading, useTitle } from '../../../primitives/Page';
import { useMe } from '../../auth';
import { getSite } from '../../site';
import styles from '../components/Home.module.css';
import { JoinByLink } from '../components/JoinByLink';
import { NewRoom } from '../components/NewRoom';
import { Picture } from '../components/Picture';
import { RoomList } from '../components/RoomList';

export function HomePage() {
  const me = useMe();
  useTitle('');
  if (me === undefined) return <Loading />;
  return me ? <Rooms key={me.id} me={me} /> : <Welcome />;
}

function Rooms({ me }: { me: User }) {
  const { t } = useTranslation();
  const [creating, setCreating] = useState(false);
  const newRoom = (
    <Button look="primary" onPress={() => setCreating(true)}>
      <Plus size={20} aria-hidden="true" />
      {t('home.newRoom')}
    </Button>
  );
  return (
    <div className={styles.rooms}>
      <div className={styles.greeting}>
        <h1>{t('home.hello', { name: me.name })}</h1>
        <JoinByLink slim />
      </div>
      <SiteNotices />
      <RoomList action={newRoom} />
      <NewRoom isOpen={creating} onClose={() => setCreating(false)} />
    </div>
  );
}

function Welcome() {
  const { t } = useTranslation();
  const site = useQuery(getSite).data;
  return (
    <div className={styles.home}>
      <div className={styles.intro}>
        <h1>{t('home.title')}</h1>
        <p className={styles.lead}>{t('home.lead')}</p>
        <SiteNotices />
        <div className={styles.actions}>
          <LinkButton to="/sign-in" look="primary">
            {t('home.signInToCreate')}
          </LinkButton>
          {site?.registration === 'open' && !site.setup_required && (
            <LinkButton to="/sign-up" look="outline">
              {t('auth.signUp')}
            </LinkButton>
          )}
        </div>
        <div className={styles.rule} aria-hidden="true">
          {t('common.or')}
        </div>
        <JoinByLink />
      </div>
      <Picture />
    </div>
  );
}

function SiteNotices() {
  const { t } = useTranslation();
  const site = useQuery(getSite).data;
  return (
    <>
      {site?.setup_required && <Notice tone="warn">{t('home.setupRequired')}</Notice>}
      {site?.media === 'down' && <Notice tone="warn">{t('home.mediaDown')}</Notice>}
    </>
  );
}
