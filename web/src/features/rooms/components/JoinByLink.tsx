/** The field that takes a link or a code and opens the room. */
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { Button } from '../../../primitives/Button';
import { TextField } from '../../../primitives/Field';
import { slugFromInput } from '../roomLink';
import styles from './Home.module.css';

export function JoinByLink() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [input, setInput] = useState('');
  const [wrong, setWrong] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const slug = slugFromInput(input);
    setWrong(slug === null);
    if (slug) navigate(`/${slug}`);
  };
  return (
    <form className={styles.join} onSubmit={submit} noValidate>
      <div className={styles.joinField}>
        <TextField
          label={t('home.joinLabel')}
          placeholder="abc-defg-hij"
          value={input}
          onChange={(value) => {
            setInput(value);
            setWrong(false);
          }}
          error={wrong ? t('home.joinWrong') : undefined}
          autoComplete="off"
        />
      </div>
      <Button type="submit" look="outline">
        {t('home.join')}
      </Button>
    </form>
  );
}
