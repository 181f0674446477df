/** One page of the administration, as the address names it. */
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { useTitle } from '../../../primitives/Page';
import { NotFound } from '../../site';
import { NotYours } from '../components/NotYours';
import { useGroups, useSections } from '../components/sections';

export function AdminPage() {
  const { t } = useTranslation();
  const { section } = useParams();
  const named = (groups: ReturnType<typeof useGroups>) =>
    groups.flatMap(({ sections }) => sections).find(({ id, content }) => id === section && content);
  const selected = named(useSections());
  const isThere = named(useGroups()) !== undefined;
  const elsewhere = t(isThere ? 'admin.notYours' : 'notFound.title');
  useTitle(selected ? `${selected.label} · ${t('admin.title')}` : elsewhere);
  if (!selected && !isThere) return <NotFound />;
  if (!selected) return <NotYours />;
  return (
    <>
      <h1 className="visually-hidden">{t('admin.title')}</h1>
      {selected.content}
    </>
  );
}
