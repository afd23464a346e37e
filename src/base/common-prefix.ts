/** What all these texts begin with; of each, something is left behind it. */
export function commonPrefix(texts: readonly string[]): string {
  let prefix = texts[0] ?? '';
  for (const text of texts) while (!text.startsWith(prefix) || text === prefix) prefix = prefix.slice(0, -1);
  return prefix;
}
