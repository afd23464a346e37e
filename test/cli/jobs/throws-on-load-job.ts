import { defineJob } from 'weir-streams';

const names: Readonly<Record<string, string>> = {};

export default defineJob({ name: names['missing']!.toUpperCase(), build: () => undefined });
