/** Invitations: make one, copy its link while it is shown, take it back. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus, Undo2, Users } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rulesOf } from '../../../api/limits';
import type { Invite } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import type { DataColumn } from '../../../primitives/DataTable';
import { Confirm, Dialog } from '../../../primitives/Dialog';
import { DialogForm } from '../../../primitives/DialogForm';
import { Select, TextField } from '../../../primitives/Field';
import { ListTable } from '../../../primitives/ListTable';
import { Badge } from '../../../primitives/Notice';
import { Card, pageStyles } from '../../../primitives/Page';
import { useAction } from '../../../primitives/useAction';
import { useFormat } from '../../../primitives/useFormat';
import { useList } from '../../../primitives/useList';
import { useMay } from '../../auth';
import { createInvite } from '../api/createInvite';
import { listInvites } from '../api/listInvites';
import { revokeInvite } from '../api/revokeInvite';
import { MadeLink } from './MadeLink';
import { ManyInvitesDialog } from './ManyInvitesDialog';
import { ROLES } from './roles';

export function InvitesCard() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const administers = useMay('administer');
  const list = useList({ filters: [], order: { sort: 'created', direction: 'desc' } });
  const invites = useQuery(listInvites(list.page));
  const columns = useColumns();
  const [making, setMaking] = useState<'one' | 'many' | null>(null);
  const refresh = () => queryClient.invalidateQueries({ queryKey: ['admin', 'invites'] });
  const [revoking, setRevoking] = useState<Invite | null>(null);
  return (
    <Card
      title={t('admin.invites')}
      lead={t('admin.inviteLead')}
      actions={
        administers && (
          <div className={pageStyles.row}>
            <Button small onPress={() => setMaking('many')}>
              <Users size={18} aria-hidden="true" />
              {t('invites.many')}
            </Button>
            <Button look="primary" small onPress={() => setMaking('one')}>
              <Plus size={18} aria-hidden="true" />
              {t('admin.newInvite')}
            </Button>
          </div>
        )
      }
    >
      <ListTable
        label={t('admin.invites')}
        list={list}
        page={invites}
        columns={columns}
        filters={[]}
        empty={t('admin.noInvites')}
        nameOf={titleOf}
        actions={(invite) =>
          administers && stateOf(invite) === 'inviteOpen'
            ? [
                {
                  id: 'revoke',
                  label: t('admin.revokeInvite'),
                  icon: <Undo2 size={18} aria-hidden="true" />,
                  danger: true,
                  run: () => setRevoking(invite),
                },
              ]
            : []
        }
      />
      {revoking && (
        <Confirm
          isOpen
          title={t('invites.revokeTitle', { name: titleOf(revoking) })}
          text={t('invites.revokeText')}
          action={t('admin.revokeInvite')}
          onClose={() => setRevoking(null)}
          onConfirm={() => revokeInvite(revoking.id).finally(refresh)}
        />
      )}
      <Dialog
        title={t('admin.newInvite')}
        isOpen={making === 'one'}
        onClose={() => setMaking(null)}
      >
        <NewInvite onMade={() => void refresh()} onClose={() => setMaking(null)} />
      </Dialog>
      {making === 'many' && (
        <ManyInvitesDialog onMade={() => void refresh()} onClose={() => setMaking(null)} />
      )}
    </Card>
  );
}

const titleOf = ({ note, email, id }: Invite) => note || email || id;

function stateOf({ used_at, expires_at }: Invite) {
  if (used_at !== null) return 'inviteUsed';
  return expires_at > Date.now() ? 'inviteOpen' : 'inviteExpired';
}
const TONES = { inviteOpen: 'good', inviteUsed: 'neutral', inviteExpired: 'warn' } as const;

function useColumns(): DataColumn<Invite>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return [
    {
      id: 'note',
      label: t('invites.note'),
      cell: (invite) => {
        const state = stateOf(invite);
        return (
          <div className={pageStyles.itemTitle}>
            {invite.note || invite.email || t('admin.unnamed')}
            <Badge tone={TONES[state]}>{t(`admin.${state}`)}</Badge>
          </div>
        );
      },
    },
    { id: 'email', label: t('person.email'), cell: ({ email }) => email ?? t('invites.anybody') },
    { id: 'role', label: t('person.role'), cell: ({ role }) => t(`admin.role.${role}`) },
    {
      id: 'created',
      label: t('invites.made_at'),
      cell: ({ created_at }) => format.dateTime(created_at),
    },
    {
      id: 'expires',
      label: t('invites.expires'),
      cell: ({ expires_at }) => format.dateTime(expires_at),
    },
  ];
}

function NewInvite({ onMade, onClose }: { onMade: () => void; onClose: () => void }) {
  const { t } = useTranslation();
  const [note, setNote] = useState('');
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Invite['role']>('user');
  const [made, setMade] = useState<Invite | null>(null);
  const { run, pending, failure } = useAction(async () => {
    setMade(
      await createInvite({
        note: note.trim() || undefined,
        email: email.trim() || undefined,
        role,
      }),
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
      <Select
        label={t('person.role')}
        choices={ROLES.map((id) => ({ id, label: t(`admin.role.${id}`) }))}
        value={role}
        onChange={(id) => setRole(id as Invite['role'])}
      />
    </DialogForm>
  );
}
