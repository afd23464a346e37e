import { type FoundPython, pythonWith } from '../external/tools/python-environment.ts';

const version = '1.5.33';

/** Brings MiniStack from PyPI at the first use on a machine; then it is there. */
export const findMiniStack = (): Promise<FoundPython> => pythonWith(`ministack-${version}`, `ministack==${version}`);
