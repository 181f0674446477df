/** Rows under headings that sort them; on a narrow screen each row is a card with its headings beside its values. */
import { ArrowDown, ArrowUp, ChevronsUpDown } from 'lucide-react';
import type { ReactNode } from 'react';
import {
  Table as AriaTable,
  Cell,
  Column,
  Row,
  TableBody,
  TableHeader,
} from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import styles from './DataTable.module.css';
import { Select } from './Field';
import type { Order } from './useList';

export type DataColumn<T> = {
  id: string;
  label: string;
  /** Which way round it goes at the first press; left out where the server does not sort by it. */
  sorts?: 'asc' | 'desc';
  /** Numbers stand under each other. */
  isNumber?: boolean;
  cell: (row: T) => ReactNode;
};

export function DataTable<T extends { id: string }>({
  label,
  columns,
  rows,
  order,
  onSort,
  actions,
  isBusy,
}: {
  label: string;
  /** The first names its row. */
  columns: DataColumn<T>[];
  rows: T[];
  order: Order;
  onSort: (order: Order) => void;
  /** What may be done with a row. */
  actions?: (row: T) => ReactNode;
  /** What is shown is about to change. */
  isBusy?: boolean;
}) {
  const { t } = useTranslation();
  const sortable = columns.filter(({ sorts }) => sorts);
  const press = (id: string) => {
    const { sorts = 'asc' } = sortable.find((column) => column.id === id) ?? {};
    const turned = order.direction === 'asc' ? 'desc' : 'asc';
    onSort({ sort: id, direction: order.sort === id ? turned : sorts });
  };
  return (
    <div className={styles.box} data-busy={isBusy || undefined}>
      {sortable.length > 0 && (
        <div className={styles.narrowSort}>
          <Select
            label={t('list.sortBy')}
            choices={sortable.flatMap(({ id, label: by }) =>
              (['asc', 'desc'] as const).map((direction) => ({
                id: `${id} ${direction}`,
                label: t(`list.order.${direction}`, { by }),
              })),
            )}
            value={`${order.sort} ${order.direction}`}
            onChange={(key) => {
              const [sort = '', direction] = key.split(' ');
              onSort({ sort, direction: direction === 'desc' ? 'desc' : 'asc' });
            }}
          />
        </div>
      )}
      <AriaTable
        aria-label={label}
        aria-busy={isBusy || undefined}
        className={styles.table}
        sortDescriptor={{
          column: order.sort,
          direction: order.direction === 'asc' ? 'ascending' : 'descending',
        }}
        onSortChange={({ column }) => press(String(column))}
      >
        <TableHeader className={styles.head}>
          {columns.map((column, index) => (
            <Column
              key={column.id}
              id={column.id}
              isRowHeader={index === 0}
              allowsSorting={column.sorts !== undefined}
              className={`${styles.heading} ${column.isNumber ? styles.number : ''}`}
            >
              {({ sortDirection }) => (
                <span className={styles.headingText}>
                  {column.label}
                  {column.sorts && <SortSign direction={sortDirection} />}
                </span>
              )}
            </Column>
          ))}
          {actions && (
            <Column id="actions" className={styles.heading}>
              <span className="visually-hidden">{t('list.actions')}</span>
            </Column>
          )}
        </TableHeader>
        <TableBody>
          {rows.map((row) => (
            <Row key={row.id} id={row.id} className={styles.row}>
              {columns.map((column) => (
                <Cell
                  key={column.id}
                  className={`${styles.cell} ${column.isNumber ? styles.number : ''}`}
                >
                  <span className={styles.cellLabel} aria-hidden="true">
                    {column.label}
                  </span>
                  <div className={styles.cellValue}>{column.cell(row)}</div>
                </Cell>
              ))}
              {actions && (
                <Cell key="actions" className={`${styles.cell} ${styles.actions}`}>
                  {actions(row)}
                </Cell>
              )}
            </Row>
          ))}
        </TableBody>
      </AriaTable>
    </div>
  );
}

function SortSign({ direction }: { direction?: 'ascending' | 'descending' }) {
  const Sign = direction ? (direction === 'ascending' ? ArrowUp : ArrowDown) : ChevronsUpDown;
  return (
    <Sign size={14} aria-hidden="true" className={styles.sign} data-on={!!direction || undefined} />
  );
}
