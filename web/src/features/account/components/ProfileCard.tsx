/** The name others see. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rulesOf } from '../../../api/limits';
import type { User } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { TextField } from '../../../primitives/Field';
import { Form } from '../../../primitives/Form';
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
  return (
    <Card title={t('account.profile')} lead={user.email}>
      <Form
        className={pageStyles.stack}
        failure={failure}
        onSubmit={() => void run()}
        actions={
          <div>
            <Button
              type="submit"
              look="primary"
              isPending={pending}
              isDisabled={name === user.name}
            >
              {t('common.save')}
            </Button>
          </div>
        }
      >
        <TextField
          name="name"
          label={t('auth.name')}
          rules={rulesOf('Rename', 'name')}
          hint={t('auth.nameHint')}
          value={name}
          onChange={setName}
          autoComplete="name"
          isRequired
        />
      </Form>
    </Card>
  );
}
