import { crc32 } from 'node:zlib';

/** A ZIP archive of one file, stored as it is. */
export function zipOf(name: string, bytes: Uint8Array): Uint8Array {
  const path = Buffer.from(name);
  // Version, flags, method, time, date (the first day of 1980), checksum, sizes, length of the name.
  const about = Buffer.alloc(26);
  about.writeUInt16LE(20, 0);
  about.writeUInt16LE(0x21, 8);
  about.writeUInt32LE(crc32(bytes), 10);
  about.writeUInt32LE(bytes.byteLength, 14);
  about.writeUInt32LE(bytes.byteLength, 18);
  about.writeUInt16LE(path.byteLength, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), about, path, bytes]);
  const attributes = Buffer.alloc(14);
  attributes.writeUInt32LE(0o100644 * 0x1_0000, 6);
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x03'), about, attributes, path]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.byteLength, 8);
  end.writeUInt32LE(local.byteLength, 12);
  return Buffer.concat([local, central, Buffer.from('PK\x05\x06'), end]);
}
