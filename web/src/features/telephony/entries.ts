/** Several texts in one field, with commas or line ends between them. */
export const entriesOf = (text: string): string[] =>
  text
    .split(/[,\n]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

export const textOf = (entries: string[] | undefined): string => (entries ?? []).join(', ');
