/** A form in a dialog: its fields, and below them the way back and the way on. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from './Button';
import { DialogActions } from './Dialog';
import { Form } from './Form';

export function DialogForm({
  action,
  pending,
  failure,
  stays,
  onSubmit,
  onClose,
  children,
}: {
  /** What the button says that sends the form. */
  action: string;
  pending: boolean;
  failure: unknown;
  /** There is no way back for now. */
  stays?: boolean;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <Form
      failure={failure}
      onSubmit={onSubmit}
      actions={
        <DialogActions>
          <Button isDisabled={stays} onPress={onClose}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" look="primary" isPending={pending}>
            {action}
          </Button>
        </DialogActions>
      }
    >
      {children}
    </Form>
  );
}
