/** The few shapes every page is made of: card, list, empty and loading states. */
import { createContext, type ReactNode, useContext, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem, problemText } from '../api/problem';
import { Button } from './Button';
import { Notice } from './Notice';
import styles from './Page.module.css';

export { styles as pageStyles };

export function Loading() {
  const { t } = useTranslation();
  return (
    <div className={styles.loading} role="status">
      <span className={styles.spinner} aria-hidden="true" />
      <span className="visually-hidden">{t('common.loading')}</span>
    </div>
  );
}

export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation();
  // What is not there is not there the next time either.
  const missing = error instanceof Problem && error.status === 404;
  return (
    <Notice tone="danger">
      {problemText(error)}
      {retry && !missing && (
        <div>
          <Button small onPress={retry}>
            {t('common.retry')}
          </Button>
        </div>
      )}
    </Notice>
  );
}

export function Card({
  title,
  lead,
  actions,
  children,
}: {
  title?: string;
  lead?: string;
  actions?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <section className={styles.card} aria-label={title}>
      {(title || actions) && (
        <div className={styles.cardHead}>
          <div>
            {title && <h2>{title}</h2>}
            {lead && <p className={styles.lead}>{lead}</p>}
          </div>
          {actions}
        </div>
      )}
      {children}
    </section>
  );
}

export function Empty({ children }: { children: ReactNode }) {
  return <div className={styles.empty}>{children}</div>;
}

/** What the site calls itself. */
export const SiteName = createContext('Convoke');

/** The name in the browser's tab, and so what a screen reader says after navigation. */
export function useTitle(title: string): void {
  const site = useContext(SiteName);
  useEffect(() => {
    document.title = title ? `${title} · ${site}` : site;
  }, [title, site]);
}
