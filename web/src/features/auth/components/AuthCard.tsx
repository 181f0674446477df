/** The frame of the sign-in pages. */
import type { ReactNode } from 'react';
import { Button } from '../../../primitives/Button';
import { Form } from '../../../primitives/Form';
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
  return (
    <div className={`${pageStyles.narrow} ${pageStyles.stack}`}>
      <Form
        className={pageStyles.card}
        failure={failure}
        onSubmit={onSubmit}
        actions={
          <Button type="submit" look="primary" wide isPending={pending}>
            {action}
          </Button>
        }
      >
        <div>
          <h1>{title}</h1>
          {lead && <p className={pageStyles.lead}>{lead}</p>}
        </div>
        {children}
      </Form>
      {footer}
    </div>
  );
}
