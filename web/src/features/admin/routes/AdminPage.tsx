/** Administration of this installation, for administrators. */
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import { pageStyles, useTitle } from '../../../primitives/Page';
import { Tabs } from '../../../primitives/Tabs';
import { AgentsCard } from '../../agents';
import { RequireUser } from '../../auth';
import { useEvents } from '../../events';
import { LiveRoomsCard } from '../../live';
import { ApiKeysCard, TokensCard } from '../../programs';
import { NotFound } from '../../site';
import { AuditCard } from '../components/AuditCard';
import { InvitesCard } from '../components/InvitesCard';
import { OverviewCard } from '../components/OverviewCard';
import { RecordingsCard } from '../components/RecordingsCard';
import { RoomsCard } from '../components/RoomsCard';
import { UsersCard } from '../components/UsersCard';

export function AdminPage() {
  return (
    <RequireUser admin>
      <Admin />
    </RequireUser>
  );
}

function Admin() {
  const { t } = useTranslation();
  const { section } = useParams();
  const navigate = useNavigate();
  useEvents();
  const sections = [
    { id: 'overview', label: t('admin.overview'), content: <OverviewCard /> },
    { id: 'live', label: t('live.title'), content: <LiveRoomsCard /> },
    { id: 'users', label: t('admin.users'), content: <UsersCard /> },
    { id: 'rooms', label: t('admin.rooms'), content: <RoomsCard /> },
    { id: 'recordings', label: t('recording.title'), content: <RecordingsCard /> },
    { id: 'invites', label: t('admin.invites'), content: <InvitesCard /> },
    { id: 'keys', label: t('admin.keys'), content: <ApiKeysCard /> },
    { id: 'tokens', label: t('admin.tokens'), content: <TokensCard /> },
    { id: 'agents', label: t('admin.agents'), content: <AgentsCard /> },
    { id: 'audit', label: t('admin.audit'), content: <AuditCard /> },
  ];
  const selected = sections.find(({ id }) => id === (section ?? 'overview'));
  useTitle(selected ? t('admin.title') : t('notFound.title'));
  if (!selected) return <NotFound />;
  return (
    <div className={pageStyles.column}>
      <h1>{t('admin.title')}</h1>
      <Tabs
        label={t('admin.title')}
        sections={sections}
        selected={selected.id}
        onSelect={(id) => navigate(`/admin/${id}`, { replace: true })}
      />
    </div>
  );
}
