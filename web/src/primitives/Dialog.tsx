/** Modal dialogs, and the question before an action that can't be taken back. */
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from './Button';
import styles from './Dialog.module.css';
import { Form } from './Form';
import { useAction } from './useAction';

export function Dialog({
  title,
  isOpen,
  onClose,
  wide,
  alert,
  stays,
  children,
}: {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  wide?: boolean;
  /** Asks before something that can't be taken back. */
  alert?: boolean;
  /** What it shows would be lost: neither Escape, nor a press beside it, nor its cross closes it. */
  stays?: boolean;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable={!stays}
      isKeyboardDismissDisabled={stays}
      className={styles.overlay}
    >
      <Modal className={`${styles.modal} ${wide ? styles.wide : ''}`}>
        <AriaDialog className={styles.dialog} role={alert ? 'alertdialog' : 'dialog'}>
          <div className={styles.head}>
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            {!stays && (
              <IconButton look="quiet" small round label={t('common.close')} onPress={onClose}>
                <X size={20} aria-hidden="true" />
              </IconButton>
            )}
          </div>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

export function DialogActions({ children }: { children: ReactNode }) {
  return <div className={styles.actions}>{children}</div>;
}

type Question = {
  text: string;
  /** What the button says that does it. */
  action: string;
  onClose: () => void;
  onConfirm: () => Promise<unknown> | undefined;
  /** What else is asked; a field's name is its name in the request. */
  children?: ReactNode;
};

export function Confirm({
  title,
  isOpen,
  ...question
}: Question & { title: string; isOpen: boolean }) {
  return (
    <Dialog title={title} isOpen={isOpen} onClose={question.onClose} alert>
      <QuestionForm {...question} />
    </Dialog>
  );
}

function QuestionForm({ text, action, onClose, onConfirm, children }: Question) {
  const { t } = useTranslation();
  const { run, pending, failure } = useAction(async () => {
    await onConfirm();
    onClose();
  });
  return (
    <Form
      failure={failure}
      onSubmit={() => void run()}
      actions={
        <DialogActions>
          <Button onPress={onClose}>{t('common.cancel')}</Button>
          <Button type="submit" look="danger" isPending={pending}>
            {action}
          </Button>
        </DialogActions>
      }
    >
      <p>{text}</p>
      {children}
    </Form>
  );
}
