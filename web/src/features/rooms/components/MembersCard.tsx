/** The people invited to a room and what they may do there. */
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rulesOf } from '../../../api/limits';
import type { Member } from '../../../api/types';
import { Avatar } from '../../../primitives/Avatar';
import { attempt } from '../../../primitives/attempt';
import { Button, IconButton } from '../../../primitives/Button';
import { Select, TextField } from '../../../primitives/Field';
import { Form } from '../../../primitives/Form';
import { Badge } from '../../../primitives/Notice';
import { Card, pageStyles } from '../../../primitives/Page';
import { PagedList } from '../../../primitives/PagedList';
import { useAction } from '../../../primitives/useAction';
import { addMember } from '../api/addMember';
import { listMembers } from '../api/members';
import { removeMember } from '../api/removeMember';
import { updateMember } from '../api/updateMember';

export function MembersCard({ slug, readOnly }: { slug: string; readOnly?: boolean }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const members = useInfiniteQuery(listMembers(slug));
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Member['role']>('member');
  const refresh = () => queryClient.invalidateQueries({ queryKey: listMembers(slug).queryKey });
  const { run, pending, failure } = useAction(async () => {
    await addMember(slug, { email: email.trim(), role });
    setEmail('');
    await refresh();
  });
  const change = async (action: Promise<unknown>) => {
    await attempt(action);
    await refresh();
  };
  const roles = (['member', 'moderator'] as const).map((id) => ({ id, label: t(`role.${id}`) }));
  return (
    <Card title={t('settings.members')} lead={t('settings.membersLead')}>
      {!readOnly && (
        <Form className={pageStyles.stack} failure={failure} onSubmit={() => void run()}>
          <div className={pageStyles.inviteRow}>
            <TextField
              name="email"
              label={t('settings.memberEmail')}
              rules={rulesOf('AddMember', 'email')}
              type="email"
              value={email}
              onChange={setEmail}
              isRequired
            />
            <Select
              label={t('settings.memberRole')}
              choices={roles}
              value={role}
              onChange={(id) => setRole(id as Member['role'])}
            />
            <Button type="submit" look="primary" isPending={pending}>
              {t('settings.invite')}
            </Button>
          </div>
        </Form>
      )}
      <PagedList pages={members} empty={t('settings.noMembers')}>
        {(items) =>
          items.map((member) => (
            <li key={member.user_id} className={`${pageStyles.item} ${pageStyles.itemWraps}`}>
              <Avatar name={member.name} size={38} />
              <div className={pageStyles.itemText}>
                <div className={pageStyles.itemTitle}>{member.name}</div>
                <div className={pageStyles.itemHint}>{member.email}</div>
              </div>
              {readOnly ? (
                <Badge>{t(`role.${member.role}`)}</Badge>
              ) : (
                <>
                  <Select
                    label={t('settings.memberRole')}
                    hideLabel
                    choices={roles}
                    value={member.role}
                    onChange={(id) =>
                      void change(updateMember(slug, member.user_id, id as Member['role']))
                    }
                  />
                  <IconButton
                    small
                    look="quiet"
                    label={t('settings.removeMember', { name: member.name })}
                    onPress={() => void change(removeMember(slug, member.user_id))}
                  >
                    <X size={18} aria-hidden="true" />
                  </IconButton>
                </>
              )}
            </li>
          ))
        }
      </PagedList>
    </Card>
  );
}
