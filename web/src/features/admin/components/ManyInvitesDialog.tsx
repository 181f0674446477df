/** Invitations for many people at once: pasted or from a file, read line by line, and their links as a file. */
import { Download } from 'lucide-react';
import { useState } from 'react';
import { FileTrigger } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import type { InvitedLine, InviteLine } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { Confirm, Dialog, DialogActions } from '../../../primitives/Dialog';
import { DialogForm } from '../../../primitives/DialogForm';
import { Select, TextField } from '../../../primitives/Field';
import { Badge, Notice } from '../../../primitives/Notice';
import { pageStyles } from '../../../primitives/Page';
import { useAction } from '../../../primitives/useAction';
import { useHeld } from '../../../primitives/useShownOnce';
import { createInvites } from '../api/createInvites';
import { linksAsCsv, MOST_LINES, readLines } from '../inviteLines';
import { ROLES } from './roles';

type Made = { lines: InviteLine[]; results: InvitedLine[] };
type Role = (typeof ROLES)[number];
const isRole = (word: string): word is Role => ROLES.some((role) => role === word);

export function ManyInvitesDialog({
  onMade,
  onClose,
}: {
  onMade: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [made, setMade] = useState<Made | null>(null);
  const [saved, setSaved] = useState(false);
  const sending = useAction(async (lines: InviteLine[]) => {
    const { lines: results } = await createInvites(lines);
    setMade({ lines, results });
    onMade();
  });
  // The links are told once: until they are in a file they are nowhere else.
  const holdsLinks = !saved && made?.results.some(({ invite }) => invite) === true;
  useHeld(holdsLinks);
  return (
    <Dialog
      title={t('invites.many')}
      isOpen
      wide
      stays={sending.pending || holdsLinks}
      onClose={onClose}
    >
      {made ? (
        <Results
          made={made}
          holdsLinks={holdsLinks}
          onSaved={() => setSaved(true)}
          onClose={onClose}
        />
      ) : (
        <Lines sending={sending} onClose={onClose} />
      )}
    </Dialog>
  );
}

function Lines({
  sending: { run, pending, failure },
  onClose,
}: {
  sending: {
    run: (lines: InviteLine[]) => Promise<unknown>;
    pending: boolean;
    failure: unknown;
  };
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [role, setRole] = useState('user');
  const lines = readLines(text).map((line) => ({ ...line, role: line.role ?? role }));
  const complaint = () => {
    if (lines.length === 0) return t('problem.field.required');
    if (lines.length > MOST_LINES) return t('invites.tooMany', { count: MOST_LINES });
  };
  return (
    <DialogForm
      action={t('invites.invite', { count: lines.length })}
      pending={pending}
      failure={failure}
      stays={pending}
      onSubmit={() => void run(lines)}
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
      <Preview lines={lines} />
    </DialogForm>
  );
}

/** How many come with which rights, before anybody is invited. */
function Preview({ lines }: { lines: InviteLine[] }) {
  const { t } = useTranslation();
  if (lines.length === 0) return null;
  const wanted = lines.map(({ role }) => role ?? 'user');
  return (
    <ul className={pageStyles.row} aria-label={t('invites.preview')}>
      {[...new Set(wanted)].map((role) => (
        <li key={role}>
          <Badge tone={isRole(role) ? (role === 'user' ? 'neutral' : 'info') : 'danger'}>
            {t('invites.ofRole', {
              count: wanted.filter((each) => each === role).length,
              role: isRole(role)
                ? t(`admin.role.${role}`)
                : `${t('invites.fault.unknown_role')}: ${role}`,
            })}
          </Badge>
        </li>
      ))}
    </ul>
  );
}

function Results({
  made: { lines, results },
  holdsLinks,
  onSaved,
  onClose,
}: {
  made: Made;
  /** Whether links would be lost with it. */
  holdsLinks: boolean;
  onSaved: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [leaving, setLeaving] = useState(false);
  const invited = results.filter(({ invite }) => invite).length;
  const why = (fault: string) => t(`invites.fault.${fault as 'repeated'}`);
  const save = () => {
    const file = new Blob([linksAsCsv(lines, results, why)], { type: 'text/csv' });
    const link = document.createElement('a');
    link.href = URL.createObjectURL(file);
    link.download = 'invitations.csv';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1_000);
    onSaved();
  };
  return (
    <>
      {invited > 0 && <Notice tone="good">{t('invites.made', { count: invited })}</Notice>}
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
                  <>
                    <Badge tone="good">{t('invites.invited')}</Badge>
                    <RoleBadge role={lines[index]?.role ?? 'user'} />
                  </>
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
        <Button onPress={() => (holdsLinks ? setLeaving(true) : onClose())}>
          {t('common.close')}
        </Button>
        <Button look="primary" onPress={save}>
          <Download size={18} aria-hidden="true" />
          {t('invites.download')}
        </Button>
      </DialogActions>
      <Confirm
        isOpen={leaving}
        title={t('invites.loseTitle')}
        text={t('invites.loseText')}
        action={t('invites.lose')}
        onClose={() => setLeaving(false)}
        onConfirm={async () => onClose()}
      />
    </>
  );
}

function RoleBadge({ role }: { role: string }) {
  const { t } = useTranslation();
  if (!isRole(role)) return null;
  return <Badge tone={role === 'user' ? 'neutral' : 'info'}>{t(`admin.role.${role}`)}</Badge>;
}
