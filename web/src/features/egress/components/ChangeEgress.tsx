/** Changes what is sent out while it goes on: layout, addresses. */
import { Undo2, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { components } from '../../../api/schema';
import { IconButton } from '../../../primitives/Button';
import { DialogForm } from '../../../primitives/DialogForm';
import { Select, TextField } from '../../../primitives/Field';
import { Badge } from '../../../primitives/Notice';
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
  const [removed, setRemoved] = useState<string[]>([]);
  const streams = of.streams.filter(({ status }) => status === 'active');
  const change = useAction(async () => {
    // One that ended meanwhile by itself is no more there to be removed.
    const ending = streams.map(({ url }) => url).filter((url) => removed.includes(url));
    await updateEgress(of.id, {
      ...(layout !== null && layout !== before && { layout }),
      ...(stream.trim() !== '' && { add_streams: [stream.trim()] }),
      ...(ending.length > 0 && { remove_streams: ending }),
    });
    onChanged();
    onClose();
  });
  return (
    <DialogForm
      action={t('common.save')}
      pending={change.pending}
      failure={change.failure}
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
          {streams.map(({ url }) => {
            const ends = removed.includes(url);
            return (
              <li key={url} className={pageStyles.item}>
                <div className={pageStyles.itemText}>
                  {url} {ends && <Badge tone="warn">{t('egress.endsOnSave')}</Badge>}
                </div>
                <IconButton
                  small
                  label={t(ends ? 'egress.keepStream' : 'egress.removeStream', { url })}
                  onPress={() =>
                    setRemoved(ends ? removed.filter((each) => each !== url) : [...removed, url])
                  }
                >
                  {ends ? (
                    <Undo2 size={18} aria-hidden="true" />
                  ) : (
                    <X size={18} aria-hidden="true" />
                  )}
                </IconButton>
              </li>
            );
          })}
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
