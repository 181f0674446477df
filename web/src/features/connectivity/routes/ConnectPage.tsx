/** The "why can't I connect" page; `?room=` lets it try the whole way into that room. */
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { pageStyles, useTitle } from '../../../primitives/Page';
import { ConnectionChecks } from '../components/ConnectionChecks';

export function ConnectPage() {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  useTitle(t('connect.title'));
  return (
    <div className={pageStyles.column} style={{ maxWidth: '42rem' }}>
      <h1>{t('connect.title')}</h1>
      <section className={pageStyles.card}>
        <ConnectionChecks slug={search.get('room')} />
      </section>
    </div>
  );
}
