/** Trunks or rules, one below the other, each with its id and what can be done with it. */
import { Braces, Pencil, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../../../primitives/Button';
import { CopyId } from '../../../primitives/CopyId';
import { pageStyles } from '../../../primitives/Page';

type Entry<Of> = { id: string; name: string; badge: ReactNode; hint: string; of: Of };

export function EntryList<Of>({
  entries,
  onChange,
  onDelete,
  onRaw,
}: {
  entries: Entry<Of>[];
  /** Without them who looks may change nothing. */
  onChange?: (of: Of) => void;
  onDelete?: (of: Of) => void;
  onRaw: (of: Of) => void;
}) {
  const { t } = useTranslation();
  return (
    <ul className={pageStyles.list}>
      {entries.map(({ id, name, badge, hint, of }) => (
        <li key={id} className={`${pageStyles.item} ${pageStyles.itemWraps}`}>
          <div className={pageStyles.itemText}>
            <div className={pageStyles.itemTitle}>
              {name}
              {badge}
            </div>
            <div className={pageStyles.itemHint}>{hint}</div>
            <CopyId text={id} />
          </div>
          <IconButton
            small
            look="quiet"
            label={t('telephony.rawOf', { name })}
            onPress={() => onRaw(of)}
          >
            <Braces size={18} aria-hidden="true" />
          </IconButton>
          {onChange && (
            <IconButton
              small
              look="quiet"
              label={t('telephony.changeOf', { name })}
              onPress={() => onChange(of)}
            >
              <Pencil size={18} aria-hidden="true" />
            </IconButton>
          )}
          {onDelete && (
            <IconButton
              small
              look="quiet"
              label={t('telephony.deleteOf', { name })}
              onPress={() => onDelete(of)}
            >
              <Trash2 size={18} aria-hidden="true" />
            </IconButton>
          )}
        </li>
      ))}
    </ul>
  );
}
