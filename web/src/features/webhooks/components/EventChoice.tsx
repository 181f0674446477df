/** Which events are sent: all, or groups and single types. */
import { useTranslation } from 'react-i18next';
import { Checkbox, Switch } from '../../../primitives/Field';
import { pageStyles } from '../../../primitives/Page';
import { GROUPS, withGroup, withType } from '../events';
import styles from './Webhooks.module.css';

export function EventChoice({
  chosen,
  onChange,
}: {
  /** Empty: all. */
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}) {
  const { t } = useTranslation();
  const all = chosen.length === 0;
  return (
    <fieldset className={pageStyles.stack}>
      <legend>{t('webhooks.events')}</legend>
      <Switch
        label={t('webhooks.allEvents')}
        isSelected={all}
        onChange={(on) => onChange(on ? [] : ['recording.*'])}
      />
      {!all &&
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
                onChange={(on) => onChange(withGroup(chosen, group, on))}
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
                      onChange={(on) => onChange(withType(chosen, type, on))}
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
