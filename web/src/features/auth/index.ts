/** What other features may use of accounts. */
export { getMe } from './api/me';
export { NewPasswordField } from './components/PasswordField';
export { RequireUser } from './components/RequireUser';
export { SignInLink } from './components/SignInLink';
export { useMe } from './hooks/useMe';
export { useSignOut } from './hooks/useSignOut';
export { useStartAs } from './hooks/useStartAs';
export { followIdentity } from './identity';
export { may, type Right, useMay } from './rights';
