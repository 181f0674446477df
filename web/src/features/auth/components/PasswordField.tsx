/** A new password, with the length this server asks for. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { TextField } from '../../../primitives/Field';
import { getSite } from '../../site';

export function NewPasswordField({
  name,
  label,
  value,
  onChange,
  check,
}: {
  /** The field's name in the request. */
  name: string;
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** What else speaks against a password that is long enough. */
  check?: (password: string) => string | undefined;
}) {
  const { t } = useTranslation();
  const least = useQuery(getSite).data?.password_min_length ?? 8;
  return (
    <TextField
      name={name}
      label={label}
      type="password"
      value={value}
      onChange={onChange}
      check={check}
      hint={t('auth.passwordHint', { count: least })}
      rules={{ minLength: least }}
      autoComplete="new-password"
      isRequired
    />
  );
}
