/** The field that takes a link or a code and opens the room. */
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { Button } from '../../../primitives/Button';
import { TextField } from '../../../primitives/Field';
import { usePasted } from '../hooks/usePasted';
import styles from './Home.module.css';

/** `slim`: a row beside something else, its label for screen readers only. */
export function JoinByLink({ slim = false }: { slim?: boolean }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const slugOf = usePasted();
  const [input, setInput] = useState('');
  const [error, setError] = useState<string>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const pasted = slugOf(input);
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
