/** What other features may use of the site's frame. */
export { getSite } from './api/getSite';
export { Brand } from './components/Brand';
export { FirstLoad } from './components/FirstLoad';
export { NotFound } from './components/NotFound';
export { Shell } from './components/Shell';
