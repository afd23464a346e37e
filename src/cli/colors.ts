import pc from 'picocolors';

/** Colors for a person in front of a terminal. What is piped or kept in a log stays plain text, wherever it runs. */
export const colorsFor = (stream: { readonly isTTY?: boolean }): ReturnType<typeof pc.createColors> =>
  pc.createColors(stream.isTTY === true && process.env['NO_COLOR'] === undefined);
