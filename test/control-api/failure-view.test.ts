import { describe, expect, it } from 'vitest';
import { failureView } from '../../src/control-api/failure-view.ts';
import { serializedThrowable } from '../../src/control-api/java-throwable.ts';

/** Made by Flink's own class for class `x.Y`, message `boom`. */
const vector =
  'rO0ABXNyAClvcmcuYXBhY2hlLmZsaW5rLnV0aWwuU2VyaWFsaXplZFRocm93YWJsZWUWnfUfpxPzAgADTAAZZnVsbFN0cmluZ2lmaWVkU3RhY2tUcmFjZXQAEkxqYXZhL2xhbmcvU3RyaW5nO0wAFm9yaWdpbmFsRXJyb3JDbGFzc05hbWV0ABJMamF2YS9sYW5nL1N0cmluZztbABNzZXJpYWxpemVkRXhjZXB0aW9udAACW0J4cgATamF2YS5sYW5nLkV4Y2VwdGlvbtD9Hz4aOxzEAgAAeHIAE2phdmEubGFuZy5UaHJvd2FibGXVxjUnOXe4ywMABEwABWNhdXNldAAVTGphdmEvbGFuZy9UaHJvd2FibGU7TAANZGV0YWlsTWVzc2FnZXQAEkxqYXZhL2xhbmcvU3RyaW5nO1sACnN0YWNrVHJhY2V0AB5bTGphdmEvbGFuZy9TdGFja1RyYWNlRWxlbWVudDtMABRzdXBwcmVzc2VkRXhjZXB0aW9uc3QAEExqYXZhL3V0aWwvTGlzdDt4cHB0AAl4Llk6IGJvb211cgAeW0xqYXZhLmxhbmcuU3RhY2tUcmFjZUVsZW1lbnQ7AkYqPDz9IjkCAAB4cAAAAABweHQACnguWTogYm9vbQp0AAN4Lllw';

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

describe("a failure in Flink's form", () => {
  it("is, as a Java object, byte for byte what Flink's class reads", () => {
    expect(base64(serializedThrowable({ className: 'x.Y', message: 'boom', stackTrace: 'x.Y: boom\n' }))).toBe(vector);
  });

  it('writes texts above 64 KiB with a long length', () => {
    const stackTrace = 'é'.repeat(40_000);
    const blob = serializedThrowable({ className: 'x.Y', message: 'boom', stackTrace });
    const at = Buffer.from(blob).indexOf(Buffer.from([0x7c, 0, 0, 0, 0, 0, 1, 0x38, 0x80]));
    expect(at).toBeGreaterThan(0);
    expect(Buffer.from(blob.subarray(at + 9, at + 9 + 80_000)).toString('utf8')).toBe(stackTrace);
  });

  it("writes NUL and characters beyond the basic plane in Java's own UTF-8", () => {
    const blob = Buffer.from(serializedThrowable({ className: 'x.Y', message: '\u0000😀', stackTrace: '' }));
    expect(blob.indexOf(Buffer.from([0xc0, 0x80, 0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]))).toBeGreaterThan(0);
  });

  it('names the class that Flink would have thrown, with our words', () => {
    const view = failureView({
      code: 'JOB_NOT_FOUND',
      domain: 'user',
      message: 'Could not find Flink job (00).',
      advice: 'List all jobs.',
    });
    expect(view.class).toBe('org.apache.flink.runtime.messages.FlinkJobNotFoundException');
    expect(view['stack-trace']).toBe(`${view.class}: Could not find Flink job (00). List all jobs.\n`);
    expect(Buffer.from(view['serialized-throwable'], 'base64').includes(`${view.class}: Could not find Flink job (00).`)).toBe(true);
    expect(view.weir).toEqual({ code: 'JOB_NOT_FOUND', message: 'Could not find Flink job (00).', advice: 'List all jobs.' });
  });
});
