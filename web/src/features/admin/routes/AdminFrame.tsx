/** What stands around each page of the administration: the way to the others, as far as the one who is signed in may see them. */
import { Search } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Outlet, useLocation } from 'react-router';
import { Button } from '../../../primitives/Button';
import { Rail } from '../../../primitives/Rail';
import { RequireUser } from '../../auth';
import { useEvents } from '../../events';
import { HealthNotice } from '../../system';
import { Palette } from '../components/Palette';
import { useSections } from '../components/sections';
import styles from './AdminFrame.module.css';

/** As this machine's keyboard has them. */
const KEYS = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘K' : 'Ctrl K';

export function AdminFrame() {
  return (
    <RequireUser right="see_rooms">
      <Frame />
    </RequireUser>
  );
}

function Frame() {
  const { t } = useTranslation();
  const groups = useSections();
  const { pathname } = useLocation();
  useEvents();
  const [searching, setSearching] = useState(false);
  useEffect(() => {
    const follow = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      setSearching(true);
    };
    window.addEventListener('keydown', follow);
    return () => window.removeEventListener('keydown', follow);
  }, []);
  return (
    <div className={styles.frame}>
      <Palette isOpen={searching} onClose={() => setSearching(false)} />
      <div className={styles.side}>
        <Button small onPress={() => setSearching(true)}>
          <Search size={16} aria-hidden="true" />
          {t('palette.open')}
          <kbd className={styles.keys}>{KEYS}</kbd>
        </Button>
        <Rail
          label={t('admin.title')}
          groups={groups.map(({ title, sections }) => ({
            title,
            links: sections.map(({ id, label, icon, href }) => ({
              to: href ?? `/admin/${id}`,
              label,
              icon,
              isDocument: href !== undefined,
            })),
          }))}
        />
      </div>
      <div className={styles.page}>
        {pathname !== '/admin/health' && <HealthNotice />}
        <Outlet />
      </div>
    </div>
  );
}
