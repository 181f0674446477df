/** The latest news, in the bar over the stage; screen readers hear all of it from elsewhere. */
import type { Line, Notice } from '../hooks/useAnnouncements';
import styles from './Call.module.css';

export function Notices({ notice }: { notice: Notice | null }) {
  return (
    <ul className={styles.notices} aria-hidden="true">
      {notice && (
        <li key={notice.before + notice.after}>
          <span className={styles.noticeHead}>
            <span>{notice.before}</span>
            <span className={styles.noticeName}>{notice.name}</span>
            <span>{notice.after}</span>
          </span>{' '}
          {notice.body && <span className={styles.noticeBody}>{notice.body}</span>}
        </li>
      )}
    </ul>
  );
}

/** Each sentence is read as it comes; that old ones leave is not. */
export function Spoken({ lines }: { lines: Line[] }) {
  return (
    <div
      className="visually-hidden"
      role="status"
      aria-live="polite"
      aria-atomic="false"
      aria-relevant="additions"
      data-testid="spoken"
    >
      {lines.map(({ id, text }) => (
        <p key={id}>{text}</p>
      ))}
    </div>
  );
}
