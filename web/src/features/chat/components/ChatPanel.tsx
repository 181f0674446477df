/** The conversation beside the call. */
import { Send } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../../../primitives/Button';
import { Notice } from '../../../primitives/Notice';
import { useAction } from '../../../primitives/useAction';
import { useFormat } from '../../../primitives/useFormat';
import { type ChatMessage, LONGEST_MESSAGE } from '../hooks/useChat';
import { linkPieces } from '../links';
import styles from './Chat.module.css';

export function ChatPanel({
  messages,
  allowed,
  onSend,
}: {
  messages: ChatMessage[];
  allowed: boolean;
  onSend: (text: string) => Promise<void>;
}) {
  const { t } = useTranslation();
  const list = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState('');
  const { run, pending, failure } = useAction(async () => {
    await onSend(text.trim());
    setText('');
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new message scrolls the list down.
  useEffect(() => {
    if (list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [messages.length]);
  useEffect(() => input.current?.focus(), []);
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (text.trim() !== '' && !pending) void run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      submit();
    }
  };
  return (
    <div className={styles.chat}>
      <div
        className={styles.list}
        ref={list}
        role="log"
        aria-label={t('chat.messages')}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
        tabIndex={0}
      >
        {messages.length === 0 && <p className={styles.empty}>{t('chat.empty')}</p>}
        {messages.map((message, index) => (
          <Message
            key={message.id}
            message={message}
            headed={!follows(messages[index - 1], message)}
          />
        ))}
      </div>
      {failure !== null && <Notice tone="danger">{t('chat.failed')}</Notice>}
      {allowed ? (
        <form className={styles.form} onSubmit={submit}>
          <textarea
            ref={input}
            className={styles.input}
            rows={1}
            maxLength={LONGEST_MESSAGE}
            aria-label={t('chat.write')}
            placeholder={t('chat.write')}
            value={text}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={onKeyDown}
          />
          <IconButton
            type="submit"
            look="primary"
            label={t('chat.send')}
            isDisabled={text.trim() === ''}
          >
            <Send size={18} aria-hidden="true" />
          </IconButton>
        </form>
      ) : (
        <Notice>{t('chat.notAllowed')}</Notice>
      )}
    </div>
  );
}

function Message({ message, headed }: { message: ChatMessage; headed: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className={styles.message} data-own={message.own}>
      {headed && (
        <div className={styles.head}>
          <strong>{message.own ? t('chat.you') : message.name}</strong>
          <time dateTime={new Date(message.at).toISOString()}>{format.time(message.at)}</time>
        </div>
      )}
      <p className={styles.text}>
        {linkPieces(message.text).map((piece, index) => {
          const key = `${index}:${piece.text}`;
          return piece.href === null ? (
            <span key={key}>{piece.text}</span>
          ) : (
            <a key={key} href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
              {piece.text}
            </a>
          );
        })}
      </p>
    </div>
  );
}

function follows(previous: ChatMessage | undefined, message: ChatMessage): boolean {
  return previous?.identity === message.identity && message.at - previous.at < 120_000;
}
