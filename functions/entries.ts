import { fileURLToPath } from 'node:url';

const entry = (name: string): string =>
  fileURLToPath(new URL(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url));

/** The handlers that are bundled with every program, by name. */
export const functionEntries: Readonly<Record<string, string>> = { slot: entry('slot'), coordinator: entry('coordinator') };
