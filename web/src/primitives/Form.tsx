/**
 * A form that checks its fields itself and shows beside each what the page or the server has against it.
 * An error stays until its field is typed in or the form is sent again: nothing moves under a click,
 * and no error from the server keeps the form from being sent.
 */
import {
  createContext,
  type FormEvent,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { fieldErrors, problemText } from '../api/problem';
import { Notice } from './Notice';

type Field = { complaint: () => string | undefined };
type FormState = {
  problems: Record<string, string>;
  register: (name: string, field: Field) => () => void;
  forget: (...names: string[]) => void;
};
const FormContext = createContext<FormState | null>(null);

export function Form({
  failure,
  onSubmit,
  className,
  children,
  actions,
}: {
  /** Why the last try failed, or null. */
  failure: unknown;
  onSubmit: () => void;
  className?: string;
  children: ReactNode;
  /** The buttons; what concerns no single field is said above them. */
  actions?: ReactNode;
}) {
  const form = useRef<HTMLFormElement>(null);
  const fields = useRef(new Map<string, Field>());
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [unplaced, setUnplaced] = useState<string[]>([]);

  const show = useCallback((found: Record<string, string>) => {
    setProblems(found);
    const names = Object.keys(found);
    const inputs = [...(form.current?.elements ?? [])] as HTMLInputElement[];
    inputs.find(({ name }) => names.includes(name))?.focus();
  }, []);

  useEffect(() => {
    if (failure === null) return;
    const errors = fieldErrors(failure);
    show(errors);
    setUnplaced(Object.keys(errors).filter((name) => !fields.current.has(name)));
  }, [failure, show]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = Object.fromEntries(
      [...fields.current].flatMap(([name, field]) => {
        const text = field.complaint();
        return text === undefined ? [] : [[name, text]];
      }),
    );
    show(found);
    if (Object.keys(found).length === 0) onSubmit();
  };

  const state = useMemo(
    (): FormState => ({
      problems,
      register: (name, field) => {
        fields.current.set(name, field);
        return () => fields.current.delete(name);
      },
      forget: (...names) =>
        setProblems((before) =>
          Object.fromEntries(Object.entries(before).filter(([name]) => !names.includes(name))),
        ),
    }),
    [problems],
  );
  const named = Object.keys(fieldErrors(failure));
  const placed = named.length > 0 && unplaced.length === 0;
  const elsewhere = named.filter((name) => !unplaced.includes(name));
  return (
    <FormContext value={state}>
      <form
        ref={form}
        className={className}
        style={className ? undefined : { display: 'contents' }}
        onSubmit={submit}
        noValidate
      >
        {children}
        {failure !== null && !placed && (
          <Notice tone="danger">{problemText(failure, elsewhere)}</Notice>
        )}
        {actions}
      </form>
    </FormContext>
  );
}

/**
 * What a field shows and does as part of the form around it, if there is one. What is typed in it may settle what is
 * said of others, too.
 */
export function useFormField(
  name: string | undefined,
  complaint: () => string | undefined,
  settles: readonly string[] = [],
) {
  const form = useContext(FormContext);
  const latest = useRef(complaint);
  latest.current = complaint;
  const register = form?.register;
  // biome-ignore lint/correctness/useExhaustiveDependencies: one registration for the field's life
  useEffect(() => {
    if (name === undefined) return;
    return register?.(name, { complaint: () => latest.current() });
  }, [name]);
  return {
    error: name === undefined ? undefined : form?.problems[name],
    forget: () => name !== undefined && form?.forget(name, ...settles),
  };
}
