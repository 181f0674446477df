/** What other features may use of accounts. */
export { getMe } from './api/me';
export { signOut } from './api/signOut';
export { RequireUser } from './components/RequireUser';
export { useMe } from './hooks/useMe';
