/** The first page: make a room, join one, or find one's own. */
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, LinkButton } from '../../../primitives/Button';
import { Notice } from '../../../primitives/Notice';
import { useTitle } from '../../../primitives/Page';
import { useMe } from '../../auth';
import { getSite } from '../../site';
import styles from '../components/Home.module.css';
import { JoinByLink } from '../components/JoinByLink';
import { NewRoom } from '../components/NewRoom';
import { Picture } from '../components/Picture';
import { RoomList } from '../components/RoomList';

export function HomePage() {
  const { t } = useTranslation();
  const me = useMe();
  const site = useQuery(getSite).data;
  const [creating, setCreating] = useState(false);
  useTitle('');
  return (
    <div className={styles.home}>
      <div className={styles.intro}>
        <h1>{me ? t('home.hello', { name: me.name }) : t('home.title')}</h1>
        <p className={styles.lead}>{t('home.lead')}</p>
        {site?.setup_required && <Notice tone="warn">{t('home.setupRequired')}</Notice>}
        {site?.media === 'down' && <Notice tone="warn">{t('home.mediaDown')}</Notice>}
        <div className={styles.actions}>
          {me ? (
            <Button look="primary" onPress={() => setCreating(true)}>
              <Plus size={20} aria-hidden="true" />
              {t('home.newRoom')}
            </Button>
          ) : (
            <>
              <LinkButton to="/sign-in" look="primary">
                {t('home.signInToCreate')}
              </LinkButton>
              {site?.registration === 'open' && !site.setup_required && (
                <LinkButton to="/sign-up" look="outline">
                  {t('auth.signUp')}
                </LinkButton>
              )}
            </>
          )}
        </div>
        <div className={styles.rule} aria-hidden="true">
          {t('common.or')}
        </div>
        <JoinByLink />
      </div>
      {me ? <RoomList key={me.id} /> : <Picture />}
      <NewRoom isOpen={creating} onClose={() => setCreating(false)} />
    </div>
  );
}
