/** Small notices over the stage; screen readers hear the same from elsewhere. */
import type { Notice } from '../hooks/useAnnouncements';
import styles from './Call.module.css';

export function Notices({ notices }: { notices: Notice[] }) {
  return (
    <ul className={styles.notices} aria-hidden="true">
      {notices.map(({ id, before, name, after, look }) => (
        <li key={id} data-look={look}>
          <span>{before}</span>
          <span className={styles.noticeName}>{name}</span>
          <span className={styles.noticeRest}>{after}</span>
        </li>
      ))}
    </ul>
  );
}
