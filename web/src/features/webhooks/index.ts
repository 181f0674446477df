/** What the administration shows of webhooks: where events are sent, and what became of each. */
export { WebhooksCard } from './components/WebhooksCard';
