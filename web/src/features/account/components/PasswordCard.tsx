/** Changes the password. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldErrors, problemText } from '../../../api/problem';
import { Button } from '../../../primitives/Button';
import { TextField } from '../../../primitives/Field';
import { Notice } from '../../../primitives/Notice';
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
  const errors = fieldErrors(failure);
  return (
    <Card title={t('account.passwordTitle')} lead={t('account.passwordLead')}>
      <form
        className={pageStyles.stack}
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <TextField
          label={t('account.currentPassword')}
          type="password"
          value={current}
          onChange={setCurrent}
          error={errors.current_password}
          autoComplete="current-password"
          isRequired
        />
        <NewPasswordField
          label={t('account.newPassword')}
          value={wanted}
          onChange={setWanted}
          error={errors.new_password}
        />
        {failure !== null && <Notice tone="danger">{problemText(failure)}</Notice>}
        <div>
          <Button type="submit" look="primary" isPending={pending}>
            {t('account.changePassword')}
          </Button>
        </div>
      </form>
    </Card>
  );
}
