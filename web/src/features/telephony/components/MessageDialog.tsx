/** A trunk or a rule whole, in LiveKit's own JSON: to look at, to change, to save. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../../primitives/Dialog';
import { DialogForm } from '../../../primitives/DialogForm';
import { TextField } from '../../../primitives/Field';
import { Failed, Loading } from '../../../primitives/Page';
import { useAction } from '../../../primitives/useAction';
import { complaintOf, type Message, ofText } from '../message';
import styles from './Telephony.module.css';

const NAME = 'message';

type MessageOf = {
  id: string;
  show: (id: string, signal: AbortSignal) => Promise<Message>;
  set: (id: string, message: Message) => Promise<unknown>;
  onDone: () => void;
  onClose: () => void;
};

export function MessageDialog({ title, ...of }: MessageOf & { title: string }) {
  const shown = useQuery({
    queryKey: ['admin', 'sip', 'message', of.id],
    queryFn: ({ signal }) => of.show(of.id, signal),
    // What is changed is what is there now.
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  return (
    <Dialog title={title} isOpen wide onClose={of.onClose}>
      {shown.isPending && <Loading />}
      {shown.isError && <Failed error={shown.error} retry={() => void shown.refetch()} />}
      {shown.data && <MessageForm {...of} before={shown.data} />}
    </Dialog>
  );
}

function MessageForm({ id, set, onDone, onClose, before }: MessageOf & { before: Message }) {
  const { t } = useTranslation();
  const [text, setText] = useState(() => JSON.stringify(before, null, 2));
  const { run, pending, failure } = useAction(async () => {
    await set(id, JSON.parse(text)).catch((error) => {
      throw ofText(error, NAME);
    });
    onDone();
    onClose();
  });
  return (
    <DialogForm
      action={t('common.save')}
      pending={pending}
      failure={failure}
      onSubmit={() => void run()}
      onClose={onClose}
    >
      <div className={styles.message}>
        <TextField
          name={NAME}
          label={t('telephony.message')}
          hint={t('telephony.messageHint')}
          value={text}
          onChange={setText}
          check={complaintOf}
          isRequired
          autoFocus
          spellCheck="false"
          rows={18}
        />
      </div>
    </DialogForm>
  );
}
