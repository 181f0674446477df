/** The name others see. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldErrors, problemText } from '../../../api/problem';
import type { User } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { TextField } from '../../../primitives/Field';
import { Notice } from '../../../primitives/Notice';
import { Card, pageStyles } from '../../../primitives/Page';
import { toast } from '../../../primitives/Toasts';
import { useAction } from '../../../primitives/useAction';
import { getMe } from '../../auth';
import { updateMe } from '../api/updateMe';

export function ProfileCard({ user }: { user: User }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [name, setName] = useState(user.name);
  const { run, pending, failure } = useAction(async () => {
    queryClient.setQueryData(getMe.queryKey, await updateMe({ name: name.trim() }));
    toast(t('common.saved'));
  });
  const errors = fieldErrors(failure);
  return (
    <Card title={t('account.profile')} lead={user.email}>
      <form
        className={pageStyles.stack}
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <TextField
          label={t('auth.name')}
          hint={t('auth.nameHint')}
          value={name}
          onChange={setName}
          error={errors.name}
          autoComplete="name"
          maxLength={100}
          isRequired
        />
        {failure !== null && !errors.name && <Notice tone="danger">{problemText(failure)}</Notice>}
        <div>
          <Button type="submit" look="primary" isPending={pending} isDisabled={name === user.name}>
            {t('common.save')}
          </Button>
        </div>
      </form>
    </Card>
  );
}
