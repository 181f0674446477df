/** What the administration shows of the server itself: configuration, log, jobs. */
export { ConfigurationCard } from './components/ConfigurationCard';
export { JobsCard } from './components/JobsCard';
export { LogCard } from './components/LogCard';
