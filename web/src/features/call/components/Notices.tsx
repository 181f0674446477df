/** Small notices over the stage; screen readers hear the same from elsewhere. */
import type { Notice } from '../hooks/useAnnouncements';
import styles from './Call.module.css';

export function Notices({ notices }: { notices: Notice[] }) {
  return (
    <ul className={styles.notices} aria-hidden="true">
      {notices.map(({ id, before, name, after, body }) => (
        <li key={id}>
          <span className={styles.noticeHead}>
            <span>{before}</span>
            <span className={styles.noticeName}>{name}</span>
            <span>{after}</span>
          </span>{' '}
          {body && <span className={styles.noticeBody}>{body}</span>}
        </li>
      ))}
    </ul>
  );
}
