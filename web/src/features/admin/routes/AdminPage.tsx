/** Administration of this installation: what the one who is signed in may see of it. */
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import { pageStyles, useTitle } from '../../../primitives/Page';
import { type Section, Tabs } from '../../../primitives/Tabs';
import { AgentsCard } from '../../agents';
import { may, RequireUser, type Right, useMe } from '../../auth';
import { useEvents } from '../../events';
import { LiveRoomsCard } from '../../live';
import { ApiKeysCard, TokensCard } from '../../programs';
import { NotFound } from '../../site';
import { WebhooksCard } from '../../webhooks';
import { AuditCard } from '../components/AuditCard';
import { InvitesCard } from '../components/InvitesCard';
import { OverviewCard } from '../components/OverviewCard';
import { RecordingsCard } from '../components/RecordingsCard';
import { RoomsCard } from '../components/RoomsCard';
import { UsersCard } from '../components/UsersCard';

export function AdminPage() {
  return (
    <RequireUser right="see_rooms">
      <Admin />
    </RequireUser>
  );
}

function Admin() {
  const { t } = useTranslation();
  const { section } = useParams();
  const navigate = useNavigate();
  useEvents();
  const me = useMe();
  const all: (Section & { right: Right })[] = [
    { id: 'overview', right: 'see_rooms', label: t('admin.overview'), content: <OverviewCard /> },
    { id: 'live', right: 'see_rooms', label: t('live.title'), content: <LiveRoomsCard /> },
    { id: 'users', right: 'see_site', label: t('admin.users'), content: <UsersCard /> },
    { id: 'rooms', right: 'see_rooms', label: t('admin.rooms'), content: <RoomsCard /> },
    {
      id: 'recordings',
      right: 'see_recordings',
      label: t('recording.title'),
      content: <RecordingsCard />,
    },
    { id: 'invites', right: 'see_site', label: t('admin.invites'), content: <InvitesCard /> },
    { id: 'keys', right: 'see_site', label: t('admin.keys'), content: <ApiKeysCard /> },
    { id: 'tokens', right: 'see_site', label: t('admin.tokens'), content: <TokensCard /> },
    { id: 'webhooks', right: 'administer', label: t('webhooks.title'), content: <WebhooksCard /> },
    { id: 'agents', right: 'see_site', label: t('admin.agents'), content: <AgentsCard /> },
    { id: 'audit', right: 'see_site', label: t('admin.audit'), content: <AuditCard /> },
  ];
  const sections = all.filter(({ right }) => me && may(me.role, right));
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
