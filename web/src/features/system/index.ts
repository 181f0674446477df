/** What the administration shows of the server itself: configuration, health, log, jobs. */
export { ConfigurationCard } from './components/ConfigurationCard';
export { HealthCard } from './components/HealthCard';
export { HealthNotice } from './components/HealthNotice';
export { JobsCard } from './components/JobsCard';
export { LogCard } from './components/LogCard';
