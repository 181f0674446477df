/** Changes what is sent out while it goes on: layout, addresses. */
import { X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { components } from '../../../api/schema';
import { IconButton } from '../../../primitives/Button';
import { DialogForm } from '../../../primitives/DialogForm';
import { Select, TextField } from '../../../primitives/Field';
import { pageStyles } from '../../../primitives/Page';
import { useAction } from '../../../primitives/useAction';
import { updateEgress } from '../api/updateEgress';
import { LAYOUTS } from './NewEgress';

type Egress = components['schemas']['Egress'];

export function ChangeEgress({
  of,
  onChanged,
  onClose,
}: {
  of: Egress;
  onChanged: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const before = of.target?.kind === 'room' ? of.target.layout || LAYOUTS[0] : null;
  const [layout, setLayout] = useState(before);
  const [stream, setStream] = useState('');
  const change = useAction(async () => {
    await updateEgress(of.id, {
      ...(layout !== null && layout !== before && { layout }),
      ...(stream.trim() !== '' && { add_streams: [stream.trim()] }),
    });
    onChanged();
    onClose();
  });
  const remove = useAction(async (url: string) => {
    await updateEgress(of.id, { remove_streams: [url] });
    onChanged();
  });
  const streams = of.streams.filter(({ status }) => status === 'active');
  return (
    <DialogForm
      action={t('common.save')}
      pending={change.pending}
      failure={change.failure ?? remove.failure}
      onSubmit={() => void change.run()}
      onClose={onClose}
    >
      {layout !== null && (
        <Select
          label={t('egress.layout')}
          value={layout}
          onChange={(id) => setLayout(String(id))}
          choices={LAYOUTS.map((id) => ({ id, label: t(`egress.layouts.${id}`) }))}
        />
      )}
      {streams.length > 0 && (
        <ul className={pageStyles.list} aria-label={t('egress.streams')}>
          {streams.map(({ url }) => (
            <li key={url} className={pageStyles.item}>
              <div className={pageStyles.itemText}>{url}</div>
              <IconButton
                small
                label={t('egress.removeStream', { url })}
                isDisabled={remove.pending}
                onPress={() => void remove.run(url)}
              >
                <X size={18} aria-hidden="true" />
              </IconButton>
            </li>
          ))}
        </ul>
      )}
      <TextField
        name="add_streams"
        label={t('egress.addStream')}
        hint={t('egress.streamHint')}
        value={stream}
        onChange={setStream}
      />
    </DialogForm>
  );
}
