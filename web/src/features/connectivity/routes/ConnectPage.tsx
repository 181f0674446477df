/** The "why can't I connect" page. */
import { useTranslation } from 'react-i18next';
import { pageStyles, useTitle } from '../../../primitives/Page';
import { ConnectionChecks } from '../components/ConnectionChecks';

export function ConnectPage() {
  const { t } = useTranslation();
  useTitle(t('connect.title'));
  return (
    <div className={pageStyles.column} style={{ maxWidth: '42rem' }}>
      <h1>{t('connect.title')}</h1>
      <section className={pageStyles.card}>
        <ConnectionChecks />
      </section>
    </div>
  );
}
