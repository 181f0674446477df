/** What a pasted token says, and whether it is good here. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { components } from '../../../api/schema';
import { Button } from '../../../primitives/Button';
import { TextField } from '../../../primitives/Field';
import { Form } from '../../../primitives/Form';
import { Notice } from '../../../primitives/Notice';
import { pageStyles } from '../../../primitives/Page';
import { useAction } from '../../../primitives/useAction';
import { decodeToken } from '../api/decodeToken';
import styles from './Programs.module.css';

export function ReadToken() {
  const { t } = useTranslation();
  const [token, setToken] = useState('');
  const [read, setRead] = useState<components['schemas']['DecodedToken'] | null>(null);
  const { run, pending, failure } = useAction(async () => {
    setRead(null);
    setRead(await decodeToken(token));
  });
  return (
    <Form
      className={pageStyles.stack}
      failure={failure}
      onSubmit={() => void run()}
      actions={
        <div>
          <Button type="submit" isPending={pending}>
            {t('programs.read')}
          </Button>
        </div>
      }
    >
      <TextField
        name="token"
        label={t('programs.token')}
        value={token}
        onChange={setToken}
        isRequired
      />
      {read && (
        <>
          <Notice tone={read.verdict === 'good' ? 'good' : 'warn'}>
            {t(`programs.verdict.${read.verdict}`)}
            {read.key_name && ` ${t('programs.ofKey', { name: read.key_name })}`}
          </Notice>
          {read.claims && (
            <pre className={styles.claims} data-testid="claims">
              {JSON.stringify(read.claims, null, 2)}
            </pre>
          )}
        </>
      )}
    </Form>
  );
}
