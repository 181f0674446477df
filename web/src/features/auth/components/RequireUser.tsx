/** Shows a page to signed-in people only; others are sent to sign in and come back. */
import { Fragment, type ReactNode } from 'react';
import { Navigate, useLocation } from 'react-router';
import { Loading } from '../../../primitives/Page';
import { useMe } from '../hooks/useMe';

export function RequireUser({ admin, children }: { admin?: boolean; children: ReactNode }) {
  const me = useMe();
  const location = useLocation();
  if (me === undefined) return <Loading />;
  if (me === null) {
    const next = encodeURIComponent(location.pathname + location.search);
    return <Navigate to={`/sign-in?next=${next}`} replace />;
  }
  if (admin && me.role !== 'admin') return <Navigate to="/" replace />;
  // Nothing that was typed or opened as one person is shown to the next.
  return <Fragment key={me.id}>{children}</Fragment>;
}
