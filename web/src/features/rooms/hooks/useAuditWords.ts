/** What was done, and what changed, in the page's words. */
import { useTranslation } from 'react-i18next';
import type { AuditRecord } from '../../../api/types';

export function useAuditWords() {
  const { t, i18n } = useTranslation();
  /** The page's word for one of the server's, or what the server says. */
  const word = (group: 'action' | 'field' | 'value', of: string) => {
    const key = `audit.${group}.${of.replaceAll('.', '_')}`;
    return i18n.exists(key) ? t(key as 'audit.none') : of;
  };
  const value = (of: unknown) =>
    of === null || of === '' ? t('audit.value.nothing') : word('value', String(of));
  const layoutWord = (of: string) =>
    i18n.exists(`egress.layouts.${of}`) ? t(`egress.layouts.${of as 'grid'}`) : of;
  return (record: AuditRecord): { done: string; told: string[] } => {
    const {
      changes = {},
      role,
      source,
      reason,
      because,
      live_room,
      topic,
      format,
      list,
      layout,
      added,
      removed,
      count,
    } = record.detail as Detail;
    const told = [
      role && value(role),
      source && value(source),
      reason,
      live_room,
      topic,
      list && value(list),
      format?.toUpperCase(),
      because && value(because),
      // Other records count other things, and say so in their name.
      record.action === 'agent.command_scaled' && count !== undefined
        ? t('agents.wanted', { count })
        : '',
      layout && layoutWord(layout),
      added ? t('audit.added', { count: added }) : '',
      removed ? t('audit.removed', { count: removed }) : '',
      ...Object.entries(changes).map(([field, { from, to }]) =>
        t('audit.change', { field: word('field', field), from: value(from), to: value(to) }),
      ),
    ].filter((words): words is string => Boolean(words));
    return { done: word('action', record.action), told };
  };
}

/** The parts of a record's detail that this page has words for. */
type Detail = {
  changes?: Record<string, { from: unknown; to: unknown }>;
  role?: string;
  source?: string;
  reason?: string;
  /** The name of a room on the media server. */
  live_room?: string;
  topic?: string;
  /** Which list, and what it was written in. */
  list?: string;
  format?: string;
  /** What an egress shows, and how many addresses it streams to now and no more. */
  layout?: string;
  added?: number;
  removed?: number;
  /** Of processes. */
  count?: number;
  /** One of the server's words, where a reason is what somebody wrote. */
  because?: string;
};
