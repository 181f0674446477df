/** What the call uses of chat. */
export { ChatPanel } from './components/ChatPanel';
export { CHAT_EVENTS, type ChatMessage, useChat } from './hooks/useChat';
