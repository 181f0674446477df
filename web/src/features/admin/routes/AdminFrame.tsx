/** What stands around each page of the administration: the way to the others, as far as the one who is signed in may see them. */
import { useTranslation } from 'react-i18next';
import { Outlet } from 'react-router';
import { Rail } from '../../../primitives/Rail';
import { RequireUser } from '../../auth';
import { useEvents } from '../../events';
import { useSections } from '../components/sections';
import styles from './AdminFrame.module.css';

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
  useEvents();
  return (
    <div className={styles.frame}>
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
      <div className={styles.page}>
        <Outlet />
      </div>
    </div>
  );
}
