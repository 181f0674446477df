/** The field that takes a link or a code and opens the room. */
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { Button } from '../../../primitives/Button';
import { TextField } from '../../../primitives/Field';
import { getSite } from '../../site';
import { slugFromInput } from '../roomLink';
import styles from './Home.module.css';

/** `slim`: a row beside something else, its label for screen readers only. */
export function JoinByLink({ slim = false }: { slim?: boolean }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const url = useQuery(getSite).data?.url;
  const [input, setInput] = useState('');
  const [error, setError] = useState<string>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const pasted = slugFromInput(input, [location.host, ...(url ? [new URL(url).host] : [])]);
    if ('slug' in pasted) navigate(`/${pasted.slug}`);
    else if (pasted.wrong === 'elsewhere') setError(t('home.joinElsewhere', { host: pasted.host }));
    else setError(t(`home.joinWrong.${pasted.wrong}`));
  };
  return (
    <form className={slim ? styles.slimJoin : styles.join} onSubmit={submit} noValidate>
      <div className={styles.joinField}>
        <TextField
          label={t('home.joinLabel')}
          hideLabel={slim}
          placeholder={slim ? t('home.joinLabel') : 'abc-defg-hij'}
          value={input}
          onChange={(value) => {
            setInput(value);
            setError(undefined);
          }}
          error={error}
          autoComplete="off"
        />
      </div>
      <Button type="submit" look="outline">
        {t('home.join')}
      </Button>
    </form>
  );
}
