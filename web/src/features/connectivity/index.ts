/** What the call uses of the connection checks. */
export { ConnectionChecks } from './components/ConnectionChecks';
