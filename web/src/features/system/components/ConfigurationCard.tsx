/** The configuration as it is in force: each key with its value, where that comes from, and what it is for. */
import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Setting } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { Checkbox, TextField } from '../../../primitives/Field';
import { Badge } from '../../../primitives/Notice';
import { Card, Empty, Failed, Loading, pageStyles } from '../../../primitives/Page';
import { useMay } from '../../auth';
import { readConfig } from '../api/readConfig';
import styles from './System.module.css';

/** Sections are what stands before the first dot. */
const sectionOf = ({ key }: Setting) => key.split('.')[0] ?? key;

export function ConfigurationCard() {
  const { t } = useTranslation();
  const administers = useMay('administer');
  const settings = useQuery(readConfig);
  const [text, setText] = useState('');
  const [changed, setChanged] = useState(false);
  const wanted = text.trim().toLowerCase();
  const shown = settings.data?.filter(
    ({ key, about, source }) =>
      (!changed || source !== 'default') && `${key} ${about}`.toLowerCase().includes(wanted),
  );
  const sections = [...new Set(shown?.map(sectionOf))];
  return (
    <Card
      title={t('system.configuration')}
      lead={t('system.configurationLead')}
      actions={
        administers && (
          <Button
            small
            onPress={() => {
              location.href = '/api/admin/support-bundle';
            }}
          >
            <Download size={18} aria-hidden="true" />
            {t('system.bundle')}
          </Button>
        )
      }
    >
      <div className={styles.filters}>
        <TextField
          label={t('system.searchKeys')}
          hideLabel
          placeholder={t('system.searchKeys')}
          value={text}
          onChange={setText}
        />
        <Checkbox
          showLabel
          label={t('system.onlyChanged')}
          isSelected={changed}
          onChange={setChanged}
        />
      </div>
      {settings.isPending && <Loading />}
      {settings.isError && <Failed error={settings.error} retry={() => void settings.refetch()} />}
      {shown?.length === 0 && <Empty>{t('admin.noneFound')}</Empty>}
      {sections.map((section) => (
        <section key={section} aria-label={section}>
          <h3 className={styles.section}>{section}</h3>
          <ul className={pageStyles.list}>
            {shown
              ?.filter((setting) => sectionOf(setting) === section)
              .map((setting) => (
                <SettingItem key={setting.key} of={setting} />
              ))}
          </ul>
        </section>
      ))}
    </Card>
  );
}

function SettingItem({
  of: { key, value, is_secret, is_set, source, place, about },
}: {
  of: Setting;
}) {
  const { t } = useTranslation();
  const shown = is_secret
    ? t(is_set ? 'system.secretSet' : 'system.notSet')
    : is_set
      ? [value].flat().join(', ')
      : t('system.notSet');
  return (
    <li className={pageStyles.item}>
      <div className={pageStyles.itemText}>
        <div className={pageStyles.itemTitle}>
          <code>{key}</code>
          {source !== 'default' && <Badge>{t(`system.source.${source}`)}</Badge>}
        </div>
        <div className={is_set && !is_secret ? styles.value : styles.unset}>{shown}</div>
        {source !== 'default' && <div className={pageStyles.itemHint}>{place}</div>}
        <div className={pageStyles.itemHint}>{about}</div>
      </div>
    </li>
  );
}
