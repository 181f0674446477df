/** What other features may use of one's own account. */
export { deviceName } from './userAgent';
