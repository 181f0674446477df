/** Invitations: make one, copy its link while it is shown, take it back. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rulesOf } from '../../../api/limits';
import type { Invite } from '../../../api/types';
import { attempt } from '../../../primitives/attempt';
import { Button } from '../../../primitives/Button';
import { Dialog } from '../../../primitives/Dialog';
import { DialogForm } from '../../../primitives/DialogForm';
import { TextField } from '../../../primitives/Field';
import { Badge } from '../../../primitives/Notice';
import { Card, Empty, Failed, Loading, pageStyles } from '../../../primitives/Page';
import { useAction } from '../../../primitives/useAction';
import { useFormat } from '../../../primitives/useFormat';
import { useMay } from '../../auth';
import { createInvite } from '../api/createInvite';
import { listInvites } from '../api/listInvites';
import { revokeInvite } from '../api/revokeInvite';
import { MadeLink } from './MadeLink';

export function InvitesCard() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const administers = useMay('administer');
  const invites = useQuery(listInvites);
  const [making, setMaking] = useState(false);
  const refresh = () => queryClient.invalidateQueries({ queryKey: listInvites.queryKey });
  const revoke = async (id: string) => {
    await attempt(revokeInvite(id));
    await refresh();
  };
  return (
    <Card
      title={t('admin.invites')}
      lead={t('admin.inviteLead')}
      actions={
        administers && (
          <Button look="primary" small onPress={() => setMaking(true)}>
            <Plus size={18} aria-hidden="true" />
            {t('admin.newInvite')}
          </Button>
        )
      }
    >
      {invites.isPending && <Loading />}
      {invites.isError && <Failed error={invites.error} />}
      {invites.data?.items.length === 0 && <Empty>{t('admin.noInvites')}</Empty>}
      <ul className={pageStyles.list}>
        {invites.data?.items.map((invite) => (
          <InviteItem
            key={invite.id}
            invite={invite}
            onRevoke={administers ? () => void revoke(invite.id) : undefined}
          />
        ))}
      </ul>
      <Dialog title={t('admin.newInvite')} isOpen={making} onClose={() => setMaking(false)}>
        <NewInvite onMade={() => void refresh()} onClose={() => setMaking(false)} />
      </Dialog>
    </Card>
  );
}

function InviteItem({ invite, onRevoke }: { invite: Invite; onRevoke?: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [now] = useState(() => Date.now());
  const title = invite.note || invite.email || t('admin.unnamed');
  const open = invite.used_at === null && invite.expires_at > now;
  return (
    <li className={pageStyles.item}>
      <div className={pageStyles.itemText}>
        <div className={pageStyles.itemTitle}>
          {title}
          {open && <Badge tone="good">{t('admin.inviteOpen')}</Badge>}
          {invite.used_at !== null && <Badge>{t('admin.inviteUsed')}</Badge>}
          {invite.used_at === null && !open && (
            <Badge tone="warn">{t('admin.inviteExpired')}</Badge>
          )}
        </div>
        <div className={pageStyles.itemHint}>
          {[
            invite.note ? invite.email : null,
            t('admin.expires', { when: format.dateTime(invite.expires_at) }),
          ]
            .filter(Boolean)
            .join(' · ')}
        </div>
      </div>
      {open && onRevoke && (
        <Button small aria-label={t('admin.revokeInviteOf', { note: title })} onPress={onRevoke}>
          {t('admin.revokeInvite')}
        </Button>
      )}
    </li>
  );
}

function NewInvite({ onMade, onClose }: { onMade: () => void; onClose: () => void }) {
  const { t } = useTranslation();
  const [note, setNote] = useState('');
  const [email, setEmail] = useState('');
  const [made, setMade] = useState<Invite | null>(null);
  const { run, pending, failure } = useAction(async () => {
    setMade(
      await createInvite({ note: note.trim() || undefined, email: email.trim() || undefined }),
    );
    onMade();
  });
  if (made) {
    const link = made.url ?? `${location.origin}/sign-up?invite=${made.code ?? ''}`;
    return (
      <MadeLink
        notice={t('admin.inviteMade')}
        label={t('admin.newInvite')}
        link={link}
        onClose={onClose}
      />
    );
  }
  return (
    <DialogForm
      action={t('admin.createInvite')}
      pending={pending}
      failure={failure}
      onSubmit={() => void run()}
      onClose={onClose}
    >
      <TextField
        name="note"
        label={t('admin.inviteNote')}
        rules={rulesOf('CreateInvite', 'note')}
        value={note}
        onChange={setNote}
        autoFocus
      />
      <TextField
        name="email"
        label={t('admin.inviteEmail')}
        rules={rulesOf('CreateInvite', 'email')}
        type="email"
        value={email}
        onChange={setEmail}
      />
    </DialogForm>
  );
}
