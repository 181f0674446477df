/** Invitations for many people at once: pasted or from a file, read line by line, and their links as a file. */
import { Download } from 'lucide-react';
import { useState } from 'react';
import { FileTrigger } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import type { InvitedLine, InviteLine } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { Dialog, DialogActions } from '../../../primitives/Dialog';
import { DialogForm } from '../../../primitives/DialogForm';
import { Select, TextField } from '../../../primitives/Field';
import { Badge, Notice } from '../../../primitives/Notice';
import { pageStyles } from '../../../primitives/Page';
import { useAction } from '../../../primitives/useAction';
import { createInvites } from '../api/createInvites';
import { linksAsCsv, MOST_LINES, readLines } from '../inviteLines';
import { ROLES } from './roles';

type Made = { lines: InviteLine[]; results: InvitedLine[] };

export function ManyInvitesDialog({
  onMade,
  onClose,
}: {
  onMade: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [made, setMade] = useState<Made | null>(null);
  return (
    <Dialog title={t('invites.many')} isOpen wide onClose={onClose}>
      {made ? (
        <Results made={made} onClose={onClose} />
      ) : (
        <Lines
          onMade={(all) => {
            setMade(all);
            onMade();
          }}
          onClose={onClose}
        />
      )}
    </Dialog>
  );
}

function Lines({ onMade, onClose }: { onMade: (made: Made) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [role, setRole] = useState('user');
  const lines = readLines(text).map((line) => ({ ...line, role: line.role ?? role }));
  const { run, pending, failure } = useAction(async () => {
    const { lines: results } = await createInvites(lines);
    onMade({ lines, results });
  });
  const complaint = () => {
    if (lines.length === 0) return t('problem.field.required');
    if (lines.length > MOST_LINES) return t('invites.tooMany', { count: MOST_LINES });
  };
  return (
    <DialogForm
      action={t('invites.invite', { count: lines.length })}
      pending={pending}
      failure={failure}
      onSubmit={() => void run()}
      onClose={onClose}
    >
      <TextField
        name="lines"
        label={t('invites.lines')}
        hint={t('invites.linesHint', { count: MOST_LINES })}
        value={text}
        onChange={setText}
        check={complaint}
        rows={8}
        autoFocus
      />
      <div>
        <FileTrigger
          acceptedFileTypes={['.csv', '.txt', 'text/csv', 'text/plain']}
          onSelect={(files) => void files?.[0]?.text().then(setText)}
        >
          <Button small>{t('invites.fromFile')}</Button>
        </FileTrigger>
      </div>
      <Select
        label={t('invites.roleOfAll')}
        choices={ROLES.map((id) => ({ id, label: t(`admin.role.${id}`) }))}
        value={role}
        onChange={setRole}
      />
    </DialogForm>
  );
}

function Results({ made: { lines, results }, onClose }: { made: Made; onClose: () => void }) {
  const { t } = useTranslation();
  const invited = results.filter(({ invite }) => invite).length;
  const why = (fault: string) => t(`invites.fault.${fault as 'repeated'}`);
  const save = () => {
    const file = new Blob([linksAsCsv(lines, results, why)], { type: 'text/csv' });
    const link = document.createElement('a');
    link.href = URL.createObjectURL(file);
    link.download = 'invitations.csv';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1_000);
  };
  return (
    <>
      <Notice tone={invited > 0 ? 'good' : 'warn'}>{t('invites.made', { count: invited })}</Notice>
      {invited < results.length && (
        <Notice tone="warn">{t('invites.refused', { count: results.length - invited })}</Notice>
      )}
      <ul className={pageStyles.list} aria-label={t('invites.results')}>
        {results.map(({ invite, fault }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two lines may be the same, and none moves
          <li key={index} className={pageStyles.item}>
            <div className={pageStyles.itemText}>
              <div className={pageStyles.itemTitle}>
                {lines[index]?.email}
                {invite ? (
                  <Badge tone="good">{t('invites.invited')}</Badge>
                ) : (
                  <Badge tone="danger">{why(fault ?? 'repeated')}</Badge>
                )}
              </div>
              {lines[index]?.note && (
                <div className={pageStyles.itemHint}>{lines[index]?.note}</div>
              )}
            </div>
          </li>
        ))}
      </ul>
      <DialogActions>
        <Button onPress={onClose}>{t('common.close')}</Button>
        <Button look="primary" onPress={save}>
          <Download size={18} aria-hidden="true" />
          {t('invites.download')}
        </Button>
      </DialogActions>
    </>
  );
}
