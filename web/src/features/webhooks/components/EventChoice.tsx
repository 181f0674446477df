/** Which events are sent: all, or groups and single types. */
import { useTranslation } from 'react-i18next';
import { Checkbox, Switch } from '../../../primitives/Field';
import { useFormField } from '../../../primitives/Form';
import { Notice } from '../../../primitives/Notice';
import { pageStyles } from '../../../primitives/Page';
import { GROUPS, withGroup, withType } from '../events';
import styles from './Webhooks.module.css';

export function EventChoice({
  chosen,
  onChange,
}: {
  /** `null`: all. */
  chosen: readonly string[] | null;
  onChange: (chosen: string[] | null) => void;
}) {
  const { t } = useTranslation();
  const field = useFormField('events', () =>
    chosen?.length === 0 ? t('webhooks.chooseEvents') : undefined,
  );
  const change = (after: string[] | null) => {
    field.forget();
    onChange(after);
  };
  return (
    <fieldset className={pageStyles.stack}>
      <legend>{t('webhooks.events')}</legend>
      <Switch
        label={t('webhooks.allEvents')}
        isSelected={chosen === null}
        onChange={(on) => change(on ? null : [])}
      />
      {field.error && <Notice tone="danger">{field.error}</Notice>}
      {chosen !== null &&
        [...GROUPS].map(([group, types]) => {
          const whole = chosen.includes(`${group}.*`);
          const some = types.some((type) => chosen.includes(type));
          return (
            <div key={group} className={styles.group}>
              <Checkbox
                label={`${group}.*`}
                showLabel
                isSelected={whole}
                isIndeterminate={some && !whole}
                onChange={(on) => change(withGroup(chosen, group, on))}
              />
              <details>
                <summary>{t('webhooks.types', { group })}</summary>
                <div className={styles.types}>
                  {types.map((type) => (
                    <Checkbox
                      key={type}
                      label={type}
                      showLabel
                      isSelected={whole || chosen.includes(type)}
                      onChange={(on) => change(withType(chosen, type, on))}
                    />
                  ))}
                </div>
              </details>
            </div>
          );
        })}
    </fieldset>
  );
}
