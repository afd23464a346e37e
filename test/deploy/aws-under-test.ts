import { MiniStack } from './ministack.ts';

/** The AWS that is deployed into. */
export interface AwsUnderTest extends AsyncDisposable {
  /** Variables for whoever is to reach it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Of the processes that run functions with this in their names, where they are processes of this machine. */
  readonly functionPids?: (name: string) => readonly number[];
}

/** A MiniStack of its own, given its Python; else whatever the variables of this process say. */
export async function awsUnderTest(python: string | undefined): Promise<AwsUnderTest> {
  if (python === undefined) return { environment: {}, [Symbol.asyncDispose]: async () => undefined };
  const stack = await MiniStack.start(python);
  return {
    environment: stack.clientEnvironment(),
    functionPids: (name) => stack.functionPids(name),
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

/** Whether the tests go into what the variables say: an account, or by AWS_ENDPOINT_URL an emulator. */
export const deploysToEnvironment = (): boolean => process.env['WEIR_DEPLOY_TO'] === 'environment';
