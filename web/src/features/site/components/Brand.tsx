/** The mark and the name, a way home. */
import { useContext } from 'react';
import { Link } from 'react-router';
import { SiteName } from '../../../primitives/Page';
import styles from './Shell.module.css';

export function Brand() {
  const name = useContext(SiteName);
  return (
    <Link to="/" className={styles.brand}>
      <svg viewBox="0 0 32 32" width="30" height="30" aria-hidden="true">
        <rect width="32" height="32" rx="9" fill="var(--accent)" />
        <path
          d="M22.2 11.2a8 8 0 1 0 0 9.6"
          fill="none"
          stroke="var(--on-accent)"
          strokeWidth="3.4"
          strokeLinecap="round"
        />
        <circle cx="16" cy="16" r="2.6" fill="var(--on-accent)" />
      </svg>
      {name}
    </Link>
  );
}
