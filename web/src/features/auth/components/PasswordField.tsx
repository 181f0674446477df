/** A new password, with the length this server asks for. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { TextField } from '../../../primitives/Field';
import { getSite } from '../../site';

export function NewPasswordField({
  label,
  value,
  onChange,
  error,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  error?: string;
}) {
  const { t } = useTranslation();
  const least = useQuery(getSite).data?.password_min_length ?? 8;
  return (
    <TextField
      label={label}
      type="password"
      value={value}
      onChange={onChange}
      error={error}
      hint={t('auth.passwordHint', { count: least })}
      minLength={least}
      autoComplete="new-password"
      isRequired
    />
  );
}
