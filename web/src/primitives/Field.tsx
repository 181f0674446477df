/** Form controls: text, select and switch, each with its label, hint and error. */
import { Check, ChevronDown } from 'lucide-react';
import type { ReactNode } from 'react';
import {
  Select as AriaSelect,
  Switch as AriaSwitch,
  TextField as AriaTextField,
  Button,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  SelectValue,
  type SwitchProps,
  Text,
  type TextFieldProps,
} from 'react-aria-components';
import styles from './Field.module.css';

export function TextField({
  label,
  hint,
  error,
  placeholder,
  hideLabel,
  ...props
}: Omit<TextFieldProps, 'children' | 'className'> & {
  label: string;
  hint?: string;
  error?: string;
  placeholder?: string;
  hideLabel?: boolean;
}) {
  return (
    <AriaTextField
      {...props}
      isInvalid={error ? true : undefined}
      validationBehavior={props.validationBehavior ?? 'native'}
      className={styles.field}
    >
      <Label className={hideLabel ? 'visually-hidden' : styles.label}>{label}</Label>
      <Input className={styles.input} placeholder={placeholder} />
      {hint && (
        <Text slot="description" className={styles.hint}>
          {hint}
        </Text>
      )}
      <FieldError className={styles.error}>{error || undefined}</FieldError>
    </AriaTextField>
  );
}

export type Choice = { id: string; label: string; hint?: string };

export function Select({
  label,
  choices,
  value,
  onChange,
  icon,
  hideLabel,
  isDisabled,
}: {
  label: string;
  choices: Choice[];
  value: string | null;
  onChange: (id: string) => void;
  icon?: ReactNode;
  hideLabel?: boolean;
  isDisabled?: boolean;
}) {
  return (
    <AriaSelect
      className={styles.field}
      value={value}
      onChange={(key) => key !== null && onChange(String(key))}
      isDisabled={isDisabled}
    >
      <Label className={hideLabel ? 'visually-hidden' : styles.label}>{label}</Label>
      <Button className={styles.select}>
        {icon}
        <SelectValue className={styles.selectText} style={{ flex: 1 }}>
          {({ selectedText }) => selectedText || '—'}
        </SelectValue>
        <ChevronDown size={18} aria-hidden="true" />
      </Button>
      <Popover className={styles.popover}>
        <ListBox className={styles.list} items={choices}>
          {(choice) => (
            <ListBoxItem className={styles.option} textValue={choice.label}>
              <span className={styles.optionText}>
                {choice.label}
                {choice.hint && <span className={styles.hint}> · {choice.hint}</span>}
              </span>
              <Check size={18} className={styles.check} aria-hidden="true" />
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}

export function Switch({
  label,
  hint,
  ...props
}: Omit<SwitchProps, 'children' | 'className'> & { label: string; hint?: string }) {
  return (
    <AriaSwitch {...props} className={styles.switch}>
      <span className={styles.switchText}>
        {label}
        {hint && (
          <span className={styles.hint} style={{ display: 'block' }}>
            {hint}
          </span>
        )}
      </span>
      <span className={styles.track} aria-hidden="true" />
    </AriaSwitch>
  );
}
