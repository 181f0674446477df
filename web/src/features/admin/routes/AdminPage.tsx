/** One page of the administration, as the address names it. */
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { useTitle } from '../../../primitives/Page';
import { NotFound } from '../../site';
import { useSections } from '../components/sections';

export function AdminPage() {
  const { t } = useTranslation();
  const { section } = useParams();
  const all = useSections().flatMap(({ sections }) => sections);
  const selected = all.find(({ id, content }) => id === section && content);
  useTitle(selected ? `${selected.label} · ${t('admin.title')}` : t('notFound.title'));
  if (!selected) return <NotFound />;
  return (
    <>
      <h1 className="visually-hidden">{t('admin.title')}</h1>
      {selected.content}
    </>
  );
}
