/** What other features may use of accounts. */
export { getMe } from './api/me';
export { NewPasswordField } from './components/PasswordField';
export { RequireUser } from './components/RequireUser';
export { useBecomeVisitor } from './hooks/useBecomeVisitor';
export { useMe } from './hooks/useMe';
export { useSignOut } from './hooks/useSignOut';
export { followIdentity } from './identity';
