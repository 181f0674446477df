/** The rules for calls that come in, and what is done with each. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SipRule } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { Confirm, Dialog } from '../../../primitives/Dialog';
import { Badge } from '../../../primitives/Notice';
import { Card, Empty, Failed, Loading } from '../../../primitives/Page';
import { RawDialog } from '../../../primitives/RawDialog';
import { useMay } from '../../auth';
import { deleteRule, listRules, setRuleMessage, showRuleMessage } from '../api/rules';
import { textOf } from '../entries';
import { EntryList } from './EntryList';
import { MessageDialog } from './MessageDialog';
import { RuleForm } from './RuleForm';

type Open = { what: 'change' | 'delete' | 'raw'; rule: SipRule } | { what: 'make' } | null;

export function RulesCard() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const administers = useMay('administer');
  const rules = useQuery(listRules);
  const [open, setOpen] = useState<Open>(null);
  const refresh = () => queryClient.invalidateQueries({ queryKey: listRules.queryKey });
  const close = () => setOpen(null);
  const hintOf = ({ settings: { target, trunk_ids }, pin, has_pin }: SipRule) => [
    target.kind === 'direct'
      ? t('telephony.intoRoom', { room: target.room })
      : t(`telephony.intoNew.${target.kind}`, { prefix: target.room_prefix }),
    trunk_ids?.length ? textOf(trunk_ids) : t('telephony.anyTrunk'),
    ...(has_pin ? [pin ? t('telephony.pinIs', { pin }) : t('telephony.pinSet')] : []),
  ];
  return (
    <Card
      title={t('telephony.rules')}
      lead={t('telephony.rulesLead')}
      actions={
        administers && (
          <Button look="primary" small onPress={() => setOpen({ what: 'make' })}>
            <Plus size={18} aria-hidden="true" />
            {t('telephony.newRule')}
          </Button>
        )
      }
    >
      {rules.isPending && <Loading />}
      {rules.isError && <Failed error={rules.error} retry={() => void rules.refetch()} />}
      {rules.data?.length === 0 && <Empty>{t('telephony.noRules')}</Empty>}
      <EntryList
        entries={(rules.data ?? []).map((rule) => ({
          id: rule.id,
          name: rule.settings.name || rule.id,
          badge: <Badge>{t(`telephony.target.${rule.settings.target.kind}`)}</Badge>,
          hint: hintOf(rule).join(' · '),
          of: rule,
        }))}
        onChange={administers ? (rule) => setOpen({ what: 'change', rule }) : undefined}
        onDelete={administers ? (rule) => setOpen({ what: 'delete', rule }) : undefined}
        onRaw={(rule) => setOpen({ what: 'raw', rule })}
      />
      <Dialog
        title={open?.what === 'change' ? t('telephony.changeRule') : t('telephony.newRule')}
        isOpen={open?.what === 'make' || open?.what === 'change'}
        onClose={close}
      >
        <RuleForm
          of={open?.what === 'change' ? open.rule : undefined}
          onDone={() => void refresh()}
          onClose={close}
        />
      </Dialog>
      {open?.what === 'raw' &&
        (administers ? (
          <MessageDialog
            title={t('telephony.rawOf', { name: open.rule.settings.name || open.rule.id })}
            id={open.rule.id}
            show={showRuleMessage}
            set={setRuleMessage}
            onDone={() => void refresh()}
            onClose={close}
          />
        ) : (
          <RawDialog
            title={open.rule.settings.name || open.rule.id}
            value={open.rule}
            onClose={close}
          />
        ))}
      {open?.what === 'delete' && (
        <Confirm
          isOpen
          title={t('telephony.deleteTitle', { name: open.rule.settings.name || open.rule.id })}
          text={t('telephony.deleteRuleText')}
          action={t('common.delete')}
          onClose={close}
          onConfirm={async () => {
            await deleteRule(open.rule.id);
            await refresh();
          }}
        />
      )}
    </Card>
  );
}
