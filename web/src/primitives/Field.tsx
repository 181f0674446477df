/** Form controls: text, select, switch and checkbox, each with its label, hint and error. */
import { Check, ChevronDown, Minus } from 'lucide-react';
import type { ReactNode } from 'react';
import {
  Checkbox as AriaCheckbox,
  Select as AriaSelect,
  Switch as AriaSwitch,
  TextField as AriaTextField,
  Button,
  type CheckboxProps,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  SelectValue,
  type SwitchProps,
  Text,
  TextArea,
  type TextFieldProps,
} from 'react-aria-components';
import type { Rules } from '../api/limits';
import { complaint } from './complaint';
import styles from './Field.module.css';
import { useFormField } from './Form';

export function TextField({
  label,
  hint,
  error,
  placeholder,
  hideLabel,
  rules,
  invalid,
  check,
  settles,
  rows,
  ...props
}: Omit<
  TextFieldProps,
  | 'children'
  | 'className'
  // A browser's own checks speak its language, not the page's, and know only one error at a time.
  | 'validationBehavior'
  | 'isInvalid'
  | 'minLength'
  | 'maxLength'
  | 'pattern'
> & {
  label: string;
  hint?: string;
  error?: string;
  /** What the server asks of it; checked when the form around it is sent. */
  rules?: Rules;
  /** What is said of a text that breaks the rules' pattern. */
  invalid?: string;
  /** What else the page has against a text that the rules allow. */
  check?: (text: string) => string | undefined;
  /** The names of fields of which one must be filled in, where this is another of them. */
  settles?: string[];
  placeholder?: string;
  hideLabel?: boolean;
  /** Several lines, so many of them shown. */
  rows?: number;
}) {
  const { value = '', type, isRequired: required } = props;
  const field = useFormField(
    props.name,
    () => complaint(value, { required, type, rules, invalid }) ?? check?.(value),
    settles,
  );
  const shown = error ?? field.error;
  return (
    <AriaTextField
      {...props}
      onChange={(text) => {
        field.forget();
        props.onChange?.(text);
      }}
      isInvalid={Boolean(shown)}
      validationBehavior="aria"
      className={styles.field}
    >
      <Label className={hideLabel ? 'visually-hidden' : styles.label}>{label}</Label>
      {rows ? (
        <TextArea
          className={`${styles.input} ${styles.area}`}
          placeholder={placeholder}
          rows={rows}
        />
      ) : (
        <Input className={styles.input} placeholder={placeholder} />
      )}
      {hint && hint !== shown && (
        <Text slot="description" className={styles.hint}>
          {hint}
        </Text>
      )}
      <FieldError className={styles.error}>{shown}</FieldError>
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
  whole,
  isDisabled,
}: {
  label: string;
  choices: Choice[];
  value: string | null;
  onChange: (id: string) => void;
  icon?: ReactNode;
  hideLabel?: boolean;
  /** What is chosen is shown whole, on several lines if need be. */
  whole?: boolean;
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
        <SelectValue className={whole ? styles.wholeText : styles.selectText} style={{ flex: 1 }}>
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

/** For choosing among the entries of a list, which say themselves what they are: its label is for screen readers. */
export function Checkbox({
  label,
  showLabel,
  ...props
}: Omit<CheckboxProps, 'children' | 'className'> & { label: string; showLabel?: boolean }) {
  return (
    <AriaCheckbox {...props} className={styles.checkbox}>
      {({ isIndeterminate }) => (
        <>
          <span className={styles.box} aria-hidden="true">
            {isIndeterminate ? <Minus size={16} /> : <Check size={16} />}
          </span>
          <span className={showLabel ? undefined : 'visually-hidden'}>{label}</span>
        </>
      )}
    </AriaCheckbox>
  );
}
