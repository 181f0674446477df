/** What was done on this site, and by whom; who, what, where and when are in the address. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { Button } from '../../../primitives/Button';
import { Select, TextField } from '../../../primitives/Field';
import { Card } from '../../../primitives/Page';
import { PagedList } from '../../../primitives/PagedList';
import { AuditItem } from '../../rooms';
import { type AuditFilters, listAudit } from '../api/listAudit';
import styles from './AuditCard.module.css';

const FILTERS = ['action', 'user_id', 'room', 'since', 'until'] as const;
const ANY = 'any';

export function AuditCard() {
  const { t, i18n } = useTranslation();
  const [params, setParams] = useSearchParams();
  const filters: AuditFilters = Object.fromEntries(
    FILTERS.flatMap((name) => {
      const text = params.get(name);
      return text ? [[name, text]] : [];
    }),
  );
  const audit = useInfiniteQuery(listAudit(filters));
  const set = (name: (typeof FILTERS)[number], text: string) =>
    setParams(
      (before) => {
        if (text) before.set(name, text);
        else before.delete(name);
        return before;
      },
      { replace: true },
    );
  const words = i18n.getResource(i18n.resolvedLanguage ?? 'en', 'translation', 'audit.action') as
    | Record<string, string>
    | undefined;
  const actions = Object.entries(words ?? {})
    // The server's words part group and action with a dot, which separates levels here.
    .map(([id, label]) => ({
      id: id.replace(/^(api_key|live_room|live_participant|[a-z]+)_/, '$1.'),
      label,
    }))
    .sort((a, b) => a.label.localeCompare(b.label));
  const records = audit.data?.pages.flatMap(({ items }) => items) ?? [];
  const who = records.find(({ actor }) => actor.user_id === filters.user_id)?.actor.name;
  const narrowed = Object.keys(filters).length > 0;
  return (
    <Card title={t('audit.title')}>
      <div className={styles.filters}>
        <Select
          label={t('audit.filter.action')}
          choices={[{ id: ANY, label: t('audit.filter.any') }, ...actions]}
          value={filters.action ?? ANY}
          onChange={(id) => set('action', id === ANY ? '' : id)}
        />
        <TextField
          label={t('audit.filter.room')}
          value={filters.room ?? ''}
          onChange={(text) => set('room', text.trim())}
        />
        <TextField
          type="date"
          label={t('audit.filter.since')}
          value={filters.since ?? ''}
          onChange={(day) => set('since', day)}
        />
        <TextField
          type="date"
          label={t('audit.filter.until')}
          value={filters.until ?? ''}
          onChange={(day) => set('until', day)}
        />
      </div>
      {narrowed && (
        <div className={styles.chips}>
          {filters.user_id && (
            <Button small onPress={() => set('user_id', '')}>
              {t('audit.filter.by', { name: who ?? filters.user_id })}
              <X size={14} aria-hidden="true" />
            </Button>
          )}
          <Button small look="quiet" onPress={() => setParams({}, { replace: true })}>
            {t('audit.filter.clear')}
          </Button>
        </div>
      )}
      <PagedList pages={audit} empty={t(narrowed ? 'admin.noneFound' : 'audit.none')}>
        {(items) =>
          items.map((record) => (
            <AuditItem
              key={record.id}
              record={record}
              withRoom
              onActor={
                record.actor.user_id && record.actor.user_id !== filters.user_id
                  ? (id) => set('user_id', id)
                  : undefined
              }
            />
          ))
        }
      </PagedList>
    </Card>
  );
}
