/** Somebody's name, and the way to their page for those who see accounts. */
import { Link } from 'react-router';
import { useMay } from '../../auth';

export function PersonLink({ id, name }: { id: string | null; name: string }) {
  const sees = useMay('see_site');
  return id && sees ? <Link to={`/admin/users/${id}`}>{name}</Link> : name;
}
