/** Changes the password. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../../primitives/Button';
import { TextField } from '../../../primitives/Field';
import { Form } from '../../../primitives/Form';
import { Card, pageStyles } from '../../../primitives/Page';
import { toast } from '../../../primitives/Toasts';
import { useAction } from '../../../primitives/useAction';
import { NewPasswordField } from '../../auth';
import { changePassword } from '../api/changePassword';
import { listSessions } from '../api/listSessions';

export function PasswordCard() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [current, setCurrent] = useState('');
  const [wanted, setWanted] = useState('');
  const { run, pending, failure } = useAction(async () => {
    await changePassword({ current_password: current, new_password: wanted });
    setCurrent('');
    setWanted('');
    toast(t('account.passwordChanged'));
    void queryClient.invalidateQueries({ queryKey: listSessions.queryKey });
  });
  return (
    <Card title={t('account.passwordTitle')} lead={t('account.passwordLead')}>
      <Form
        className={pageStyles.stack}
        failure={failure}
        onSubmit={() => void run()}
        actions={
          <div>
            <Button type="submit" look="primary" isPending={pending}>
              {t('account.changePassword')}
            </Button>
          </div>
        }
      >
        <TextField
          name="current_password"
          label={t('account.currentPassword')}
          type="password"
          value={current}
          onChange={setCurrent}
          autoComplete="current-password"
          isRequired
        />
        <NewPasswordField
          name="new_password"
          label={t('account.newPassword')}
          value={wanted}
          onChange={setWanted}
          check={(text) => (text === current ? t('account.samePassword') : undefined)}
        />
      </Form>
    </Card>
  );
}
