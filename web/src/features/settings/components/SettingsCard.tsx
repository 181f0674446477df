/** Settings of the site that hold at once, each with the key of the configuration that it goes before. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rulesOf } from '../../../api/limits';
import type { components } from '../../../api/schema';
import { Button } from '../../../primitives/Button';
import { Confirm } from '../../../primitives/Dialog';
import { Select, Switch, TextField } from '../../../primitives/Field';
import { Form } from '../../../primitives/Form';
import { Card, Failed, Loading, pageStyles } from '../../../primitives/Page';
import { toast } from '../../../primitives/Toasts';
import { useAction } from '../../../primitives/useAction';
import { useFormat } from '../../../primitives/useFormat';
import { useMay } from '../../auth';
import { getSite } from '../../site';
import { readSettings } from '../api/readSettings';
import { updateSettings } from '../api/updateSettings';

type Settings = components['schemas']['Settings'];
type Values = Settings['in_force'];
type Name = keyof Values;

const KEYS: Record<Name, string> = {
  site_name: 'server.site_name',
  registration: 'auth.registration',
  guests_allowed: 'rooms.guests_allowed',
  max_participants: 'rooms.max_participants',
  keep_recordings_days: 'recordings.keep_days',
};
const REGISTRATION: Values['registration'][] = ['open', 'invite', 'closed'];

export function SettingsCard() {
  const settings = useQuery(readSettings);
  if (settings.isPending) return <Loading />;
  return (
    <>
      {settings.isError && <Failed error={settings.error} retry={() => void settings.refetch()} />}
      {settings.data && <Seen settings={settings.data} />}
    </>
  );
}

function Seen({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const administers = useMay('administer');
  // What was typed and not saved: what another administrator saves meanwhile shows in the other fields.
  const [draft, setDraft] = useState<Partial<Record<Name, string | boolean>>>({});
  const [asking, setAsking] = useState(false);
  const { in_force: now } = settings;
  const set = (name: Name) => (value: string | boolean) =>
    setDraft((before) => ({ ...before, [name]: value }));
  const text = (name: Name) => String(draft[name] ?? now[name]);
  const changed = Object.entries(draft).filter(
    ([name, value]) => String(value) !== String(now[name as Name]),
  );
  const save = useAction(async (body: components['schemas']['UpdateSettings'], done: Name[]) => {
    queryClient.setQueryData(readSettings.queryKey, await updateSettings(body));
    setDraft((before) =>
      Object.fromEntries(Object.entries(before).filter(([name]) => !done.includes(name as Name))),
    );
    void queryClient.invalidateQueries({ queryKey: getSite.queryKey });
    void queryClient.invalidateQueries({ queryKey: ['admin', 'config'] });
    toast(t('site.saved'));
  });
  const send = () => {
    const numbers: string[] = ['max_participants', 'keep_recordings_days'] satisfies Name[];
    const values = changed.map(([name, value]) => [
      name,
      numbers.includes(name) ? Number(value) : value,
    ]);
    return save.run(
      Object.fromEntries(values),
      changed.map(([name]) => name as Name),
    );
  };
  const days = Number(text('keep_recordings_days'));
  const shortens = days > 0 && (now.keep_recordings_days === 0 || days < now.keep_recordings_days);
  const origin = (name: Name) => (
    <Origin
      name={name}
      settings={settings}
      onGiveBack={administers ? () => void save.run({ [name]: null }, [name]) : undefined}
    />
  );
  const whole = (value: string) => (/^\d+$/.test(value.trim()) ? undefined : t('site.whole'));
  return (
    <Card title={t('site.title')} lead={t('site.lead')}>
      <Form
        failure={save.failure}
        onSubmit={() => (shortens ? setAsking(true) : void send())}
        className={pageStyles.stack}
        actions={
          administers && (
            <Button
              type="submit"
              look="primary"
              isPending={save.pending}
              isDisabled={changed.length === 0}
            >
              {t('common.save')}
            </Button>
          )
        }
      >
        <Setting origin={origin('site_name')}>
          <TextField
            name="site_name"
            label={t('site.siteName')}
            rules={rulesOf('UpdateSettings', 'site_name')}
            value={text('site_name')}
            onChange={set('site_name')}
            isRequired
            isReadOnly={!administers}
          />
        </Setting>
        <Setting origin={origin('registration')}>
          <Select
            label={t('site.registration')}
            value={text('registration')}
            onChange={(id) => set('registration')(String(id))}
            isDisabled={!administers}
            choices={REGISTRATION.map((id) => ({
              id,
              label: t(`site.registrations.${id}`),
            }))}
          />
        </Setting>
        <Setting origin={origin('guests_allowed')}>
          <Switch
            label={t('site.guests')}
            hint={t('site.guestsHint')}
            isSelected={Boolean(draft.guests_allowed ?? now.guests_allowed)}
            onChange={set('guests_allowed')}
            isDisabled={!administers}
          />
        </Setting>
        <Setting origin={origin('max_participants')}>
          <TextField
            name="max_participants"
            label={t('site.seats')}
            hint={t('site.seatsHint')}
            inputMode="numeric"
            check={whole}
            value={text('max_participants')}
            onChange={set('max_participants')}
            isRequired
            isReadOnly={!administers}
          />
        </Setting>
        <Setting origin={origin('keep_recordings_days')}>
          <TextField
            name="keep_recordings_days"
            label={t('site.kept')}
            hint={t('site.keptHint')}
            inputMode="numeric"
            check={whole}
            value={text('keep_recordings_days')}
            onChange={set('keep_recordings_days')}
            isRequired
            isReadOnly={!administers}
          />
        </Setting>
      </Form>
      <Confirm
        isOpen={asking}
        title={t('site.shortenTitle', { count: days })}
        text={t('site.shortenText')}
        action={t('common.save')}
        onClose={() => setAsking(false)}
        onConfirm={() => send()}
      />
    </Card>
  );
}

function Setting({ origin, children }: { origin: ReactNode; children: ReactNode }) {
  return (
    <div>
      {children}
      {origin}
    </div>
  );
}

/** Which key of the configuration a setting goes before, who said so and when; or that the configuration holds. */
function Origin({
  name,
  settings: { changed, configured },
  onGiveBack,
}: {
  name: Name;
  settings: Settings;
  onGiveBack: (() => void) | undefined;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const key = KEYS[name];
  const change = changed.find((one) => one.key === key);
  if (!change) return <p className={pageStyles.itemHint}>{t('site.configured', { key })}</p>;
  const said = t('site.changed', {
    key,
    value: String(configured[name]),
    who: change.updated_by,
    when: format.dateTime(change.updated_at),
  });
  return (
    <div className={pageStyles.row}>
      <p className={pageStyles.itemHint}>{said}</p>
      {onGiveBack && (
        <Button small look="quiet" aria-label={t('site.giveBackOf', { key })} onPress={onGiveBack}>
          {t('site.giveBack')}
        </Button>
      )}
    </div>
  );
}
