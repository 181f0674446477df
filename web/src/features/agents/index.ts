/** What the administration shows of agents: workers, their jobs, and how to send them into rooms. */
export { AgentsCard } from './components/AgentsCard';
