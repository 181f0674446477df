/** A list of the administration whole: search, filters and what they are set to, the table, its pages, and the list as a file. */
import type { UseQueryResult } from '@tanstack/react-query';
import { Braces, ChevronLeft, ChevronRight, Copy, Download, MoreVertical, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Page } from '../api/types';
import { Button, IconButton } from './Button';
import { copyText } from './copyText';
import { type DataColumn, DataTable } from './DataTable';
import { type Choice, Select, TextField } from './Field';
import styles from './ListTable.module.css';
import { Menu, type MenuAction } from './Menu';
import { Empty, Failed, Loading } from './Page';
import { RawDialog } from './RawDialog';
import { toast } from './Toasts';
import { type List, SIZES } from './useList';

export type ListFilter = {
  name: string;
  label: string;
  /** What it is called where the filter stands as a chip; the choice's or the text itself when left out. */
  says?: (value: string) => string | undefined;
} & (
  | { kind: 'choice'; choices: Choice[] }
  | { kind: 'text' | 'day' }
  /** Set elsewhere on the page, and shown as a chip only. */
  | { kind: 'chip' }
);

const ANY = 'any';
const TYPED = 300;

export function ListTable<T extends { id: string }>({
  label,
  list,
  page,
  columns,
  search,
  filters,
  empty,
  nothingFound,
  nameOf,
  actions,
  exportPath,
}: {
  label: string;
  list: List;
  page: UseQueryResult<Page<T>>;
  columns: DataColumn<T>[];
  /** The filter that is searched by, and what its field says. */
  search?: { name: string; label: string };
  filters: ListFilter[];
  /** What is said of a list with nothing in it, and of one that is narrowed to nothing. */
  empty: string;
  nothingFound?: string;
  nameOf: (row: T) => string;
  /** What may be done with a row, besides copying its id and looking at what the server says of it. */
  actions?: (row: T) => MenuAction[];
  /** The address of the list as a file, where it has one. */
  exportPath?: (format: 'csv' | 'json') => string;
}) {
  const { t } = useTranslation();
  const [raw, setRaw] = useState<T | null>(null);
  const rows = page.data?.items ?? [];
  // What is shown while another page is on its way is the one before: it says nothing of what comes after.
  const more = page.isPlaceholderData ? null : page.data?.next_cursor;
  const table = useRef<HTMLDivElement>(null);
  /** Whoever turns a page goes on at the table, not at a button that is gone or at the end of the list. */
  const look = (block: ScrollLogicalPosition) => {
    table.current?.focus({ preventScroll: true });
    table.current?.scrollIntoView?.({ block });
  };
  const answered = page.isSuccess && !page.isPlaceholderData;
  const count = t('list.rows', { count: rows.length });
  return (
    <>
      <div className={styles.tools}>
        {search && (
          <div className={styles.search}>
            <TypedField
              label={search.label}
              text={list.chosen[search.name] ?? ''}
              isSearch
              onRest={(text) => list.set(search.name, text, true)}
            />
          </div>
        )}
        {exportPath && <ExportMenu path={exportPath} />}
      </div>
      <div className={styles.filters}>
        {filters.map((filter) => (
          <FilterField key={filter.name} filter={filter} list={list} />
        ))}
      </div>
      <Chips filters={filters} list={list} onCleared={() => look('nearest')} />
      <p className="visually-hidden" role="status">
        {answered &&
          (list.number === undefined
            ? count
            : t('list.status', { number: list.number, rows: count }))}
      </p>
      {/* biome-ignore lint/a11y/useSemanticElements: no fields are in it, and it is named */}
      <div ref={table} tabIndex={-1} role="group" aria-label={label} className={styles.found}>
        {(page.isPending || (page.isPlaceholderData && rows.length === 0)) && <Loading />}
        {page.isError && <Failed error={page.error} retry={() => void page.refetch()} />}
        {answered && rows.length === 0 && (
          <Empty>{list.narrowed ? (nothingFound ?? t('admin.noneFound')) : empty}</Empty>
        )}
        {rows.length > 0 && (
          <DataTable
            label={label}
            columns={columns}
            rows={rows}
            order={list.order}
            onSort={list.sortBy}
            isBusy={page.isPlaceholderData}
            actions={(row) => (
              <Menu
                label={t('admin.actionsFor', { name: nameOf(row) })}
                trigger={
                  <IconButton
                    small
                    round
                    look="quiet"
                    label={t('admin.actionsFor', { name: nameOf(row) })}
                  >
                    <MoreVertical size={18} aria-hidden="true" />
                  </IconButton>
                }
                actions={[
                  ...(actions?.(row) ?? []),
                  {
                    id: 'copy-id',
                    label: t('list.copyId'),
                    icon: <Copy size={18} aria-hidden="true" />,
                    run: () =>
                      void copyText(row.id).then((copied) =>
                        toast(copied ? t('programs.copied') : row.id),
                      ),
                  },
                  {
                    id: 'raw',
                    label: t('list.raw'),
                    icon: <Braces size={18} aria-hidden="true" />,
                    run: () => setRaw(row),
                  },
                ]}
              />
            )}
          />
        )}
      </div>
      {(rows.length > 0 || !list.isFirst) && (
        <nav className={styles.pages} aria-label={t('list.pages')}>
          <div className={styles.size}>
            <Select
              label={t('list.size')}
              hideLabel
              choices={SIZES.map((rows) => ({
                id: String(rows),
                label: t('list.rows', { count: rows }),
              }))}
              value={String(list.size)}
              onChange={(rows) => list.resize(Number(rows))}
            />
          </div>
          <div className={styles.turn}>
            <Button
              small
              isDisabled={list.isFirst}
              onPress={() => {
                list.previous();
                look('start');
              }}
            >
              <ChevronLeft size={16} aria-hidden="true" />
              {list.number === undefined ? t('list.first') : t('list.previous')}
            </Button>
            {list.number !== undefined && <span>{t('list.page', { number: list.number })}</span>}
            <Button
              small
              isDisabled={!more}
              onPress={() => {
                if (!more) return;
                list.next(more);
                look('start');
              }}
            >
              {t('list.next')}
              <ChevronRight size={16} aria-hidden="true" />
            </Button>
          </div>
        </nav>
      )}
      {raw && <RawDialog title={nameOf(raw)} value={raw} onClose={() => setRaw(null)} />}
    </>
  );
}

/** What is typed is asked for once the typing rests. */
function TypedField({
  label,
  text,
  isSearch,
  onRest,
}: {
  label: string;
  text: string;
  isSearch?: boolean;
  onRest: (text: string) => void;
}) {
  const [typed, setTyped] = useState(text);
  const latest = useRef(onRest);
  latest.current = onRest;
  const sent = useRef(text);
  // The way back, or a chip that was taken away; not the echo of what was sent, while somebody types on.
  useEffect(() => {
    if (text === sent.current) return;
    sent.current = text;
    setTyped(text);
  }, [text]);
  useEffect(() => {
    const wanted = typed.trim();
    if (wanted === sent.current) return;
    const rests = setTimeout(() => {
      sent.current = wanted;
      latest.current(wanted);
    }, TYPED);
    return () => clearTimeout(rests);
  }, [typed]);
  return (
    <TextField
      label={label}
      placeholder={isSearch ? label : undefined}
      hideLabel={isSearch}
      type={isSearch ? 'search' : 'text'}
      value={typed}
      onChange={setTyped}
    />
  );
}

function FilterField({ filter, list }: { filter: ListFilter; list: List }) {
  const { t } = useTranslation();
  const { name, label } = filter;
  const value = list.chosen[name];
  switch (filter.kind) {
    case 'chip':
      return null;
    case 'choice':
      return (
        <Select
          label={label}
          choices={[{ id: ANY, label: t('list.any') }, ...filter.choices]}
          value={value ?? ANY}
          onChange={(id) => list.set(name, id === ANY ? '' : id)}
        />
      );
    case 'day':
      return (
        <TextField
          type="date"
          label={label}
          value={value ?? ''}
          onChange={(day) => list.set(name, day, true)}
        />
      );
    case 'text':
      return (
        <TypedField
          label={label}
          text={value ?? ''}
          onRest={(text) => list.set(name, text, true)}
        />
      );
  }
}

function Chips({
  filters,
  list,
  onCleared,
}: {
  filters: ListFilter[];
  list: List;
  /** What was pressed is gone with its filter. */
  onCleared: () => void;
}) {
  const { t } = useTranslation();
  const set = filters.filter(({ name }) => list.chosen[name]);
  if (!list.narrowed) return null;
  return (
    <ul className={styles.chips} aria-label={t('list.narrowedTo')}>
      {set.map((filter) => {
        const value = list.chosen[filter.name] ?? '';
        const choices = filter.kind === 'choice' ? filter.choices : [];
        const says = filter.says?.(value) ?? choices.find(({ id }) => id === value)?.label ?? value;
        const chip = filter.kind === 'chip' ? says : `${filter.label}: ${says}`;
        return (
          <li key={filter.name}>
            <Button
              small
              aria-label={t('list.remove', { chip })}
              onPress={() => {
                list.set(filter.name, '');
                onCleared();
              }}
            >
              {chip}
              <X size={14} aria-hidden="true" />
            </Button>
          </li>
        );
      })}
      <li>
        <Button
          small
          look="quiet"
          onPress={() => {
            list.clear();
            onCleared();
          }}
        >
          {t('list.clear')}
        </Button>
      </li>
    </ul>
  );
}

function ExportMenu({ path }: { path: (format: 'csv' | 'json') => string }) {
  const { t } = useTranslation();
  const load = (format: 'csv' | 'json') => {
    const link = document.createElement('a');
    link.href = path(format);
    link.download = '';
    link.click();
  };
  return (
    <Menu
      label={t('list.export')}
      trigger={
        <Button small>
          <Download size={16} aria-hidden="true" />
          {t('list.export')}
        </Button>
      }
      actions={(['csv', 'json'] as const).map((format) => ({
        id: format,
        label: t(`list.as.${format}`),
        run: () => load(format),
      }))}
    />
  );
}
