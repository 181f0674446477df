/** What was done on this site, and by whom; who, what, where and when are in the address. */
import { useQuery } from '@tanstack/react-query';
import { ListFilter } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { AuditRecord } from '../../../api/types';
import type { DataColumn } from '../../../primitives/DataTable';
import { ListTable } from '../../../primitives/ListTable';
import { Card, pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import { type Asked, exportOf, momentsOf, useList } from '../../../primitives/useList';
import { useAuditWords } from '../../rooms';
import { AUDIT_EXPORT, listAudit } from '../api/listAudit';
import { PersonLink } from './PersonLink';

// It goes by one order, one way round.
const query = ({ sort: _, direction: __, ...asked }: Asked) => momentsOf(asked);

export function AuditCard() {
  const { t, i18n } = useTranslation();
  const words = useAuditWords();
  const list = useList({
    filters: ['action', 'user_id', 'room', 'since', 'until'],
    order: { sort: 'at', direction: 'desc' },
  });
  const audit = useQuery(listAudit(query(list.page)));
  const resource = i18n.getResource(i18n.resolvedLanguage ?? 'en', 'translation', 'audit.action') as
    | Record<string, string>
    | undefined;
  const actions = Object.entries(resource ?? {})
    // The server's words part group and action with a dot, which separates levels here.
    .map(([id, label]) => ({
      id: id.replace(/^(api_key|live_room|live_participant|[a-z]+)_/, '$1.'),
      label,
    }))
    .sort((a, b) => a.label.localeCompare(b.label));
  const { user_id } = list.chosen;
  const who = audit.data?.items.find(({ actor }) => actor.user_id === user_id)?.actor.name;
  return (
    <Card title={t('audit.title')}>
      <ListTable
        label={t('audit.title')}
        list={list}
        page={audit}
        columns={useColumns()}
        filters={[
          { kind: 'choice', name: 'action', label: t('audit.filter.action'), choices: actions },
          { kind: 'text', name: 'room', label: t('audit.filter.room') },
          { kind: 'day', name: 'since', label: t('audit.filter.since') },
          { kind: 'day', name: 'until', label: t('audit.filter.until') },
          {
            kind: 'chip',
            name: 'user_id',
            label: '',
            says: (id) => t('audit.filter.by', { name: who ?? id }),
          },
        ]}
        empty={t('audit.none')}
        nameOf={(record) => [words(record).done, record.target_name].filter(Boolean).join(' ')}
        actions={({ actor }) =>
          actor.user_id && actor.user_id !== user_id
            ? [
                {
                  id: 'only',
                  label: t('audit.filter.only', { name: actor.name }),
                  icon: <ListFilter size={18} aria-hidden="true" />,
                  run: () => list.set('user_id', actor.user_id ?? ''),
                },
              ]
            : []
        }
        exportPath={(format) => exportOf(AUDIT_EXPORT, query(list.asked), format)}
      />
    </Card>
  );
}

function useColumns(): DataColumn<AuditRecord>[] {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useAuditWords();
  return [
    {
      id: 'action',
      label: t('audit.filter.action'),
      cell: (record) => {
        const { done, told } = words(record);
        return (
          <>
            <div className={pageStyles.itemTitle}>
              {done}
              {record.target_name && <span>{record.target_name}</span>}
            </div>
            {told.length > 0 && <div className={pageStyles.itemChange}>{told.join(' · ')}</div>}
          </>
        );
      },
    },
    {
      id: 'actor',
      label: t('list.who'),
      cell: ({ actor }) => <PersonLink id={actor.user_id} name={actor.name} />,
    },
    { id: 'room', label: t('audit.filter.room'), cell: ({ room_slug }) => room_slug ?? '–' },
    { id: 'at', label: t('list.when'), cell: ({ at }) => format.dateTime(at) },
  ];
}
