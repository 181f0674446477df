/** Finds web addresses in a message; only http and https ever become links. */
export type Piece = { text: string; href: string | null };
const ADDRESS = /\bhttps?:\/\/[^\s<>"']+/gi;
const OPENING: Record<string, string> = { ')': '(', ']': '[', '}': '{' };

export function linkPieces(message: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of message.matchAll(ADDRESS)) {
    const address = withoutSentence(match[0]);
    const href = safeHref(address);
    if (href === null) continue;
    if (match.index > end) pieces.push({ text: message.slice(end, match.index), href: null });
    pieces.push({ text: address, href });
    end = match.index + address.length;
  }
  if (end < message.length) pieces.push({ text: message.slice(end), href: null });
  return pieces;
}

/** Cuts off what belongs to the sentence: marks, and brackets that were opened before the address. */
function withoutSentence(address: string): string {
  let text = address;
  for (;;) {
    const last = text.at(-1) ?? '';
    const opening = OPENING[last];
    const unopened = opening && text.split(last).length > text.split(opening).length;
    if (!unopened && !/[.,;:!?]/.test(last)) return text;
    text = text.slice(0, -1);
  }
}

function safeHref(address: string): string | null {
  try {
    const url = new URL(address);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null;
  } catch {
    return null;
  }
}
