/** The CDK constructs. */
export { WeirStack, type WeirStackProps } from './weir-stack.ts';
