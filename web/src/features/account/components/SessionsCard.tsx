/** The devices one is signed in on, each with a way to sign it out. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound, MonitorSmartphone } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { problemText } from '../../../api/problem';
import type { Session } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { Badge } from '../../../primitives/Notice';
import { Card, Failed, Loading, pageStyles } from '../../../primitives/Page';
import { toast } from '../../../primitives/Toasts';
import { useFormat } from '../../../primitives/useFormat';
import { listSessions } from '../api/listSessions';
import { revokeOtherSessions } from '../api/revokeOtherSessions';
import { revokeSession } from '../api/revokeSession';
import { deviceName } from '../userAgent';

export function SessionsCard() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const sessions = useQuery(listSessions);
  const items = sessions.data?.items ?? [];
  const revoke = async (action: Promise<void>) => {
    try {
      await action;
      toast(t('account.revoked'));
    } catch (error) {
      toast(problemText(error), 'danger');
    }
    void queryClient.invalidateQueries({ queryKey: listSessions.queryKey });
  };
  return (
    <Card
      title={t('account.sessions')}
      lead={t('account.sessionsLead')}
      actions={
        items.length > 1 && (
          <Button small look="dangerSoft" onPress={() => void revoke(revokeOtherSessions())}>
            {t('account.revokeOthers')}
          </Button>
        )
      }
    >
      {sessions.isPending && <Loading />}
      {sessions.isError && <Failed error={sessions.error} retry={() => void sessions.refetch()} />}
      <ul className={pageStyles.list}>
        {items.map((session) => (
          <SessionItem
            key={session.id}
            session={session}
            onRevoke={() => void revoke(revokeSession(session.id))}
          />
        ))}
      </ul>
    </Card>
  );
}

function SessionItem({ session, onRevoke }: { session: Session; onRevoke: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const device = session.label ?? deviceName(session.user_agent) ?? t('account.unknownDevice');
  const Icon = session.kind === 'bearer' ? KeyRound : MonitorSmartphone;
  return (
    <li className={pageStyles.item}>
      <Icon size={22} aria-hidden="true" />
      <div className={pageStyles.itemText}>
        <div className={pageStyles.itemTitle}>
          {device}
          {session.current && <Badge tone="good">{t('account.thisDevice')}</Badge>}
          {session.kind === 'bearer' && <Badge>{t('account.apiToken')}</Badge>}
        </div>
        <div className={pageStyles.itemHint}>
          {[session.ip, t('account.lastSeen', { when: format.dateTime(session.last_seen_at) })]
            .filter(Boolean)
            .join(' · ')}
        </div>
      </div>
      {!session.current && (
        <Button small onPress={onRevoke} aria-label={t('account.revokeOf', { device })}>
          {t('account.revoke')}
        </Button>
      )}
    </li>
  );
}
