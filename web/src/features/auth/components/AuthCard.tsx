/** The frame of the sign-in pages. */
import type { FormEvent, ReactNode } from 'react';
import { problemText } from '../../../api/problem';
import { Button } from '../../../primitives/Button';
import { Notice } from '../../../primitives/Notice';
import { pageStyles, useTitle } from '../../../primitives/Page';

export function AuthCard({
  title,
  lead,
  action,
  pending,
  failure,
  onSubmit,
  children,
  footer,
}: {
  title: string;
  lead?: string;
  action: string;
  pending: boolean;
  failure: unknown;
  onSubmit: () => void;
  children: ReactNode;
  footer?: ReactNode;
}) {
  useTitle(title);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <div className={`${pageStyles.narrow} ${pageStyles.stack}`}>
      <form className={pageStyles.card} onSubmit={submit}>
        <div>
          <h1>{title}</h1>
          {lead && <p className={pageStyles.lead}>{lead}</p>}
        </div>
        {children}
        {failure !== null && <Notice tone="danger">{problemText(failure)}</Notice>}
        <Button type="submit" look="primary" wide isPending={pending}>
          {action}
        </Button>
      </form>
      {footer}
    </div>
  );
}
