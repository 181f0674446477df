/** Says when the connection is being repaired, so that nobody talks to a frozen picture. */
import { ConnectionState } from 'livekit-client';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import styles from './Call.module.css';

export function ConnectionBanner({
  state,
  rejoining,
  attempt,
}: {
  state: ConnectionState;
  rejoining: boolean;
  attempt: number;
}) {
  const { t } = useTranslation();
  const repairing =
    rejoining ||
    state === ConnectionState.Reconnecting ||
    state === ConnectionState.SignalReconnecting;
  return (
    <div role="status" aria-live="assertive" className={styles.bannerSlot}>
      {repairing && (
        <div className={styles.banner}>
          <span className={styles.dot} aria-hidden="true" />
          {rejoining ? t('call.rejoining') : t('call.reconnecting')}
          {rejoining && attempt > 3 && (
            <Link to="/connect" target="_blank">
              {t('connect.title')}
            </Link>
          )}
        </div>
      )}
    </div>
  );
}
