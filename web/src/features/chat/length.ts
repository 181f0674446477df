/** How long a message may be; signs like 🙂 count once. */
export const LONGEST_MESSAGE = 4_000;

export const lengthOf = (text: string): number => [...text].length;

/** What others send may be longer than what this page sends; what is cut off is seen to be. */
export function shortened(text: string): string {
  if (text.length <= LONGEST_MESSAGE) return text;
  // No sign has more than two units: of a text without end only this much is looked at.
  const signs = [...text.slice(0, 2 * LONGEST_MESSAGE + 2)];
  if (signs.length <= LONGEST_MESSAGE) return text;
  return `${signs.slice(0, LONGEST_MESSAGE).join('')}…`;
}
