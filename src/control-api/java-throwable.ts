/**
 * Java's object stream of an `org.apache.flink.util.SerializedThrowable`: the only form in which Flink's clients up to
 * 1.20 take a failure. Class descriptors as in Flink 1.20 and Java 8 to 21; verified against the real class.
 */
export interface JavaThrowable {
  /** A Java class name; clients print it, nobody loads it. */
  readonly className: string;
  readonly message: string;
  /** Everything there is to say, over several lines. */
  readonly stackTrace: string;
}

/* A string that comes twice is written twice: as legal as a reference to its first place, and simpler. */
const objectMark = 0x73;
const classMark = 0x72;
const stringMark = 0x74;
const longStringMark = 0x7c;
const arrayMark = 0x75;
const nullMark = 0x70;
const endMark = 0x78;

const serializable = 0x02;
const serializableWithOwnWriter = 0x03;

const stringType = 'Ljava/lang/String;';

export function serializedThrowable(of: JavaThrowable): Uint8Array {
  const stream = new JavaStream();
  stream.bytes(0xac, 0xed, 0x00, 0x05, objectMark);
  stream.beginClass('org.apache.flink.util.SerializedThrowable', '65169df51fa713f3', serializable, 3);
  stream.field('L', 'fullStringifiedStackTrace', stringType);
  stream.field('L', 'originalErrorClassName', stringType);
  stream.field('[', 'serializedException', '[B');
  stream.bytes(endMark);
  stream.beginClass('java.lang.Exception', 'd0fd1f3e1a3b1cc4', serializable, 0);
  stream.bytes(endMark);
  stream.beginClass('java.lang.Throwable', 'd5c635273977b8cb', serializableWithOwnWriter, 4);
  stream.field('L', 'cause', 'Ljava/lang/Throwable;');
  stream.field('L', 'detailMessage', stringType);
  stream.field('[', 'stackTrace', '[Ljava/lang/StackTraceElement;');
  stream.field('L', 'suppressedExceptions', 'Ljava/util/List;');
  stream.bytes(endMark, nullMark);
  stream.bytes(nullMark);
  stream.string(`${of.className}: ${of.message}`);
  stream.bytes(arrayMark);
  stream.beginClass('[Ljava.lang.StackTraceElement;', '02462a3c3cfd2239', serializable, 0);
  stream.bytes(endMark, nullMark, 0, 0, 0, 0);
  stream.bytes(nullMark, endMark);
  stream.string(of.stackTrace);
  stream.string(of.className);
  stream.bytes(nullMark);
  return stream.written();
}

class JavaStream {
  readonly #parts: Uint8Array[] = [];

  bytes(...bytes: readonly number[]): void {
    this.#parts.push(Uint8Array.from(bytes));
  }

  beginClass(name: string, serialVersion: string, flags: number, fields: number): void {
    this.bytes(classMark);
    this.#shortText(javaText(name));
    this.#parts.push(Buffer.from(serialVersion, 'hex'));
    this.bytes(flags, fields >> 8, fields & 0xff);
  }

  field(kind: 'L' | '[', name: string, type: string): void {
    this.bytes(kind.charCodeAt(0));
    this.#shortText(javaText(name));
    this.string(type);
  }

  string(text: string): void {
    const bytes = javaText(text);
    if (bytes.byteLength <= 0xffff) {
      this.bytes(stringMark);
      this.#shortText(bytes);
      return;
    }
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(bytes.byteLength));
    this.bytes(longStringMark);
    this.#parts.push(length, bytes);
  }

  written(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#parts));
  }

  #shortText(bytes: Uint8Array): void {
    this.bytes(bytes.byteLength >> 8, bytes.byteLength & 0xff);
    this.#parts.push(bytes);
  }
}

/** Java's modified UTF-8: NUL in two bytes, and characters beyond the basic plane as their two surrogates. */
function javaText(text: string): Uint8Array {
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x01 && unit <= 0x7f) bytes.push(unit);
    else if (unit <= 0x7ff) bytes.push(0xc0 | (unit >> 6), 0x80 | (unit & 0x3f));
    else bytes.push(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f));
  }
  return Uint8Array.from(bytes);
}
