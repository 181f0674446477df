/** Links by which outsiders see a recording: make one, see those that there are, take one back. */
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link2, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rulesOf } from '../../../api/limits';
import type { Recording, Share } from '../../../api/types';
import { attempt } from '../../../primitives/attempt';
import { Button, IconButton } from '../../../primitives/Button';
import { copyText } from '../../../primitives/copyText';
import { Dialog, DialogActions } from '../../../primitives/Dialog';
import { endOf } from '../../../primitives/days';
import { Switch, TextField } from '../../../primitives/Field';
import { Form } from '../../../primitives/Form';
import { Notice } from '../../../primitives/Notice';
import { pageStyles } from '../../../primitives/Page';
import { PagedList } from '../../../primitives/PagedList';
import { toast } from '../../../primitives/Toasts';
import { useAction } from '../../../primitives/useAction';
import { useFormat } from '../../../primitives/useFormat';
import { useShownOnce } from '../../../primitives/useShownOnce';
import { createShare } from '../api/createShare';
import { listShares } from '../api/listShares';
import { revokeShare } from '../api/revokeShare';

export function ShareDialog({ recording, onClose }: { recording: Recording; onClose: () => void }) {
  const { t } = useTranslation();
  const { id, title } = recording;
  const shares = useInfiniteQuery(listShares(id));
  return (
    <Dialog title={t('share.title', { title })} isOpen onClose={onClose} wide>
      <NewShare id={id} onClose={onClose} />
      <h3>{t('share.links')}</h3>
      <PagedList pages={shares} empty={t('share.none')}>
        {(items) => items.map((share) => <ShareItem key={share.id} id={id} share={share} />)}
      </PagedList>
    </Dialog>
  );
}

function NewShare({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [day, setDay] = useState('');
  const [password, setPassword] = useState('');
  const [download, setDownload] = useState(false);
  const [made, setMade] = useState<string | null>(null);
  const { run, pending, failure } = useAction(async () => {
    const share = await createShare(id, {
      expires_at: endOf(day),
      password: password === '' ? null : password,
      download,
    });
    setMade(share.url ?? null);
    setPassword('');
    void queryClient.invalidateQueries(listShares(id));
  });
  const taken = useShownOnce(made);
  const copy = async (link: string) => {
    const copied = await copyText(link);
    if (copied) taken();
    toast(copied ? t('home.copied') : link);
  };
  return (
    <Form
      className={pageStyles.stack}
      failure={failure}
      onSubmit={() => void run()}
      actions={
        <DialogActions>
          <Button onPress={onClose}>{t('common.close')}</Button>
          <Button type="submit" look="primary" isPending={pending}>
            {t('share.make')}
          </Button>
        </DialogActions>
      }
    >
      <p className={pageStyles.lead}>{t('share.lead')}</p>
      <TextField
        name="expires_at"
        label={t('share.until')}
        hint={t('share.untilHint')}
        type="date"
        value={day}
        onChange={setDay}
      />
      <TextField
        name="password"
        label={t('share.password')}
        hint={t('share.passwordHint')}
        rules={rulesOf('CreateShare', 'password')}
        type="password"
        autoComplete="new-password"
        value={password}
        onChange={setPassword}
      />
      <Switch label={t('share.download')} isSelected={download} onChange={setDownload} />
      {made !== null && (
        <Notice tone="good">
          {t('share.made')}
          <code data-testid="share-link">{made}</code>
          <div>
            <Button small onPress={() => void copy(made)}>
              <Link2 size={16} aria-hidden="true" />
              {t('home.copyLink')}
            </Button>
          </div>
        </Notice>
      )}
    </Form>
  );
}

function ShareItem({ id, share }: { id: string; share: Share }) {
  const { t } = useTranslation();
  const format = useFormat();
  const queryClient = useQueryClient();
  const { expires_at, created_at, created_by } = share;
  const made = t('share.madeBy', { name: created_by, when: format.dateTime(created_at) });
  const revoke = async () => {
    await attempt(revokeShare(id, share.id));
    await queryClient.invalidateQueries(listShares(id));
  };
  return (
    <li className={pageStyles.item}>
      <div className={pageStyles.itemText}>
        <div>{made}</div>
        <div className={pageStyles.itemHint}>
          {[
            expires_at === null
              ? t('share.endless')
              : t(expires_at < Date.now() ? 'share.over' : 'share.ends', {
                  when: format.dateTime(expires_at),
                }),
            share.has_password && t('share.withPassword'),
            share.may_download && t('share.withDownload'),
            t('share.views', { count: share.views }),
          ]
            .filter(Boolean)
            .join(' · ')}
        </div>
      </div>
      <IconButton
        small
        look="quiet"
        label={t('share.revokeOf', { made })}
        tooltip={t('share.revoke')}
        onPress={() => void revoke()}
      >
        <X size={18} aria-hidden="true" />
      </IconButton>
    </li>
  );
}
