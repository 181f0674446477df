/** One account: who they are, where they are signed in, what is theirs, and what they did. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ChevronDown } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams } from 'react-router';
import { Problem } from '../../../api/problem';
import type { Session, User } from '../../../api/types';
import { attempt } from '../../../primitives/attempt';
import { Button, LinkButton } from '../../../primitives/Button';
import { CopyId } from '../../../primitives/CopyId';
import { Confirm } from '../../../primitives/Dialog';
import { Menu } from '../../../primitives/Menu';
import { Badge } from '../../../primitives/Notice';
import { Card, Empty, Failed, Loading, pageStyles, useTitle } from '../../../primitives/Page';
import { RawDialog } from '../../../primitives/RawDialog';
import { toast } from '../../../primitives/Toasts';
import { useAction } from '../../../primitives/useAction';
import { useFormat } from '../../../primitives/useFormat';
import { deviceName } from '../../account';
import { useMay, useMe } from '../../auth';
import { StateBadge } from '../../recordings';
import { useAuditWords } from '../../rooms';
import { getUser } from '../api/getUser';
import { listAllRecordings } from '../api/listAllRecordings';
import { listAllRooms } from '../api/listAllRooms';
import { listAudit } from '../api/listAudit';
import { listUserSessions } from '../api/listUserSessions';
import { revokeUserSession } from '../api/revokeUserSession';
import { revokeUserSessions } from '../api/revokeUserSessions';
import { NotYours } from '../components/NotYours';
import { useUserActions } from '../components/useUserActions';

/** Of each kind; the lists have the others. */
const MOST = 10;

export function UserPage() {
  const { id = '' } = useParams();
  // Whoever goes from one to another begins anew: no answer and no question about the one is about the other.
  return useMay('see_site') ? <Account key={id} id={id} /> : <NotYours />;
}

function Account({ id }: { id: string }) {
  const { t } = useTranslation();
  const user = useQuery(getUser(id));
  const gone = user.error instanceof Problem && user.error.code === 'not_found';
  useTitle([user.data?.name, t('admin.users')].filter(Boolean).join(' · '));
  return (
    <div className={pageStyles.stack}>
      <div>
        <LinkButton to="/admin/users" small>
          {t('person.all')}
        </LinkButton>
      </div>
      <h1>{user.data?.name ?? t('admin.users')}</h1>
      {user.isPending && <Loading />}
      {gone && (
        <Empty>
          {t('person.gone')}
          <LinkButton to={`/admin/audit?user_id=${id}`} small>
            {t('person.activity')}
          </LinkButton>
        </Empty>
      )}
      {user.isError && !gone && <Failed error={user.error} retry={() => void user.refetch()} />}
      {user.data && !gone && (
        <>
          <Facts user={user.data} />
          <Sessions user={user.data} />
          <Rooms user={user.data} />
          <Recordings user={user.data} />
          <Deeds user={user.data} />
        </>
      )}
    </div>
  );
}

function Facts({ user }: { user: User }) {
  const { t } = useTranslation();
  const format = useFormat();
  const me = useMe();
  const [raw, setRaw] = useState(false);
  const navigate = useNavigate();
  const { actions, dialog } = useUserActions(() => void navigate('/admin/users'));
  const may = actions(user);
  return (
    <Card
      title={t('person.account')}
      actions={
        <div className={pageStyles.row}>
          <Button small onPress={() => setRaw(true)}>
            {t('list.raw')}
          </Button>
          {may.length > 0 && (
            <Menu
              label={t('admin.actionsFor', { name: user.name })}
              trigger={
                <Button small>
                  {t('list.actions')}
                  <ChevronDown size={16} aria-hidden="true" />
                </Button>
              }
              actions={may}
            />
          )}
        </div>
      }
    >
      <dl className={pageStyles.facts}>
        <dt>{t('person.email')}</dt>
        <dd>{user.email}</dd>
        <dt>{t('person.role')}</dt>
        <dd>
          {t(`admin.role.${user.role}`)}{' '}
          {user.id === me?.id && <Badge tone="good">{t('admin.you')}</Badge>}
        </dd>
        <dt>{t('person.state')}</dt>
        <dd>
          {user.disabled ? <Badge tone="warn">{t('admin.disabled')}</Badge> : t('person.active')}
        </dd>
        <dt>{t('person.created')}</dt>
        <dd>{format.dateTime(user.created_at)}</dd>
        <dt>{t('person.seen')}</dt>
        <dd>
          {user.last_seen_at === null ? t('admin.never') : format.dateTime(user.last_seen_at)}
        </dd>
        <dt>{t('list.id')}</dt>
        <dd>
          <CopyId text={user.id} />
        </dd>
      </dl>
      {raw && <RawDialog title={user.name} value={user} onClose={() => setRaw(false)} />}
      {dialog}
    </Card>
  );
}

function Sessions({ user }: { user: User }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const administers = useMay('administer');
  const own = useMe()?.id === user.id;
  const sessions = useQuery(listUserSessions(user.id));
  const [asking, setAsking] = useState(false);
  const refresh = () => queryClient.invalidateQueries({ queryKey: ['admin'] });
  const done = () => toast(t('account.revoked'));
  const items = sessions.data?.items ?? [];
  const everywhere = own ? (
    // There this device stays signed in.
    <LinkButton to="/account" small>
      {t('person.ownDevices')}
    </LinkButton>
  ) : (
    <Button small look="dangerSoft" onPress={() => setAsking(true)}>
      {t('person.signOutAll')}
    </Button>
  );
  return (
    <Card title={t('account.sessions')} actions={administers && items.length > 0 && everywhere}>
      <Shown of={sessions} none={t('person.notSignedIn')}>
        {items.map((session) => (
          <Device
            key={session.id}
            of={session}
            onSignOut={
              administers && !session.current
                ? () => attempt(revokeUserSession(user.id, session.id).then(done)).then(refresh)
                : undefined
            }
          />
        ))}
      </Shown>
      <Confirm
        isOpen={asking}
        title={t('person.signOutAllTitle', { name: user.name })}
        text={t('person.signOutAllText')}
        action={t('person.signOutAll')}
        onClose={() => setAsking(false)}
        onConfirm={async () => {
          await revokeUserSessions(user.id);
          done();
          await refresh();
        }}
      />
    </Card>
  );
}

function Device({ of, onSignOut }: { of: Session; onSignOut?: () => Promise<void> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { run, pending } = useAction(async () => onSignOut?.());
  const device = of.label ?? deviceName(of.user_agent) ?? t('account.unknownDevice');
  return (
    <li className={pageStyles.item}>
      <div className={pageStyles.itemText}>
        <div className={pageStyles.itemTitle}>
          {device}
          {of.current && <Badge tone="good">{t('account.thisDevice')}</Badge>}
        </div>
        <div className={pageStyles.itemHint}>
          {[of.ip, t('account.lastSeen', { when: format.dateTime(of.last_seen_at) })]
            .filter(Boolean)
            .join(' · ')}
        </div>
      </div>
      {onSignOut && (
        <Button
          small
          aria-label={t('account.revokeOf', { device })}
          isPending={pending}
          onPress={() => void run()}
        >
          {t('account.revoke')}
        </Button>
      )}
    </li>
  );
}

function Rooms({ user }: { user: User }) {
  const { t } = useTranslation();
  const rooms = useQuery({
    ...listAllRooms({ user_id: user.id, limit: MOST }),
    refetchInterval: false,
  });
  return (
    <Card title={t('person.theirRooms')} actions={<All of={rooms} to="rooms" user={user} />}>
      <Shown of={rooms} none={t('person.noRooms')}>
        {rooms.data?.items.map(({ id, slug, name, owner }) => (
          <li key={id} className={pageStyles.item}>
            <div className={pageStyles.itemText}>
              <div className={pageStyles.itemTitle}>
                <Link to={`/${slug}/settings`}>{name}</Link>
                <Badge tone={owner.id === user.id ? 'info' : 'neutral'}>
                  {owner.id === user.id ? t('person.owner') : t('person.member')}
                </Badge>
              </div>
              <div className={pageStyles.itemHint}>{slug}</div>
            </div>
          </li>
        ))}
      </Shown>
    </Card>
  );
}

function Recordings({ user }: { user: User }) {
  const { t } = useTranslation();
  const format = useFormat();
  const recordings = useQuery(listAllRecordings({ user_id: user.id, limit: MOST }));
  return (
    <Card
      title={t('person.ofTheirRooms')}
      actions={<All of={recordings} to="recordings" user={user} />}
    >
      <Shown of={recordings} none={t('list.notRecorded')}>
        {recordings.data?.items.map(({ id, title, state, room, requested_at }) => (
          <li key={id} className={pageStyles.item}>
            <div className={pageStyles.itemText}>
              <div className={pageStyles.itemTitle}>
                <Link to={`/recordings/${id}`}>{title}</Link>
                <StateBadge state={state} />
              </div>
              <div className={pageStyles.itemHint}>
                {[room.name, format.dateTime(requested_at)].join(' · ')}
              </div>
            </div>
          </li>
        ))}
      </Shown>
    </Card>
  );
}

function Deeds({ user }: { user: User }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useAuditWords();
  const audit = useQuery(listAudit({ user_id: user.id, limit: MOST }));
  return (
    <Card title={t('person.activity')} actions={<All of={audit} to="audit" user={user} />}>
      <Shown of={audit} none={t('audit.none')}>
        {audit.data?.items.map((record) => {
          const { done, told } = words(record);
          return (
            <li key={record.id} className={pageStyles.item}>
              <div className={pageStyles.itemText}>
                <div className={pageStyles.itemTitle}>
                  {done}
                  {record.target_name && <span>{record.target_name}</span>}
                </div>
                {told.length > 0 && <div className={pageStyles.itemChange}>{told.join(' · ')}</div>}
                <div className={pageStyles.itemHint}>
                  {[format.dateTime(record.at), record.room_slug].filter(Boolean).join(' · ')}
                </div>
              </div>
            </li>
          );
        })}
      </Shown>
    </Card>
  );
}

type Few = {
  isPending: boolean;
  isError: boolean;
  error: unknown;
  data?: { items: unknown[]; next_cursor: string | null };
};

function Shown({ of, none, children }: { of: Few; none: string; children: ReactNode }) {
  if (of.isPending) return <Loading />;
  const isEmpty = of.data?.items.length === 0;
  return (
    <>
      {of.isError && <Failed error={of.error} />}
      {isEmpty && <Empty>{none}</Empty>}
      {of.data && !isEmpty && <ul className={pageStyles.list}>{children}</ul>}
    </>
  );
}

/** The way to the whole list, where there is more of it. */
function All({ of, to, user }: { of: Few; to: string; user: User }) {
  const { t } = useTranslation();
  if (!of.data?.next_cursor) return null;
  return (
    <LinkButton to={`/admin/${to}?user_id=${user.id}`} small>
      {t('list.all')}
    </LinkButton>
  );
}
