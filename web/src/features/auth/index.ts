/** What other features may use of accounts. */
export { getMe } from './api/me';
export { signOut } from './api/signOut';
export { NewPasswordField } from './components/PasswordField';
export { RequireUser } from './components/RequireUser';
export { useMe } from './hooks/useMe';
