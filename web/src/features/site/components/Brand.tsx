/** The mark and the name, a way home. */
import { useContext } from 'react';
import { Link } from 'react-router';
import { SiteName } from '../../../primitives/Page';
import { Seats } from '../../../primitives/Seats';
import styles from './Shell.module.css';

export function Brand() {
  const name = useContext(SiteName);
  return (
    <Link to="/" className={styles.brand}>
      <Seats size={30} tile />
      {name}
    </Link>
  );
}
