const headerBytes = 12;
const truncatedBit = 0x0200;
/** Above this a datagram is likely to be fragmented, so CoreDNS compresses what fits anyway. */
const unfragmentedBytes = 1_480;
/** A pointer has 14 bits. */
const maxPointer = 0x3fff;
const types = { ns: 2, cname: 5, soa: 6, ptr: 12, mx: 15, srv: 33, opt: 41 };

/**
 * Makes a message that has no compressed names fit into `limit` bytes: as it is; or with compressed names; or with as many
 * records as fit, and the TC bit. An OPT record, which is the last one, always stays.
 */
export function fit(message: Buffer, limit: number, transport: 'udp' | 'tcp'): Buffer {
  if (message.length <= Math.min(limit, transport === 'udp' ? unfragmentedBytes : limit)) return message;
  return new Compressor(message).compress(limit);
}

/** Copies a message record by record; every name that occurred before becomes a pointer. */
class Compressor {
  readonly #in: Buffer;
  readonly #out: Buffer;
  readonly #seen = new Map<string, number>();
  #read = headerBytes;
  #written = headerBytes;

  constructor(message: Buffer) {
    this.#in = message;
    this.#out = Buffer.alloc(message.length);
    message.copy(this.#out, 0, 0, headerBytes);
  }

  compress(limit: number): Buffer {
    const opt = this.#trailingOpt();
    const budget = limit - opt.length;
    this.#copyName();
    this.#copyBytes(4);
    let isFull = false;
    for (const countAt of [6, 8, 10]) {
      const isLast = countAt === 10 && opt.length > 0;
      const count = this.#in.readUInt16BE(countAt) - (isLast ? 1 : 0);
      let kept = 0;
      while (kept < count && !isFull) {
        const before = this.#written;
        this.#copyRecord();
        isFull = this.#written > budget;
        if (isFull) this.#written = before;
        else kept += 1;
      }
      this.#out.writeUInt16BE(kept + (isLast ? 1 : 0), countAt);
    }
    if (isFull) this.#out.writeUInt16BE(this.#out.readUInt16BE(2) | truncatedBit, 2);
    opt.copy(this.#out, this.#written);
    return this.#out.subarray(0, this.#written + opt.length);
  }

  /** The OPT record at the end; empty when there is none. */
  #trailingOpt(): Buffer {
    let offset = this.#skipName(headerBytes) + 4;
    let start = offset;
    const records = [6, 8, 10].reduce((sum, countAt) => sum + this.#in.readUInt16BE(countAt), 0);
    for (let index = 0; index < records; index++) {
      start = offset;
      const fields = this.#skipName(start);
      offset = fields + 10 + this.#in.readUInt16BE(fields + 8);
    }
    const hasOpt = records > 0 && this.#in.readUInt16BE(this.#skipName(start)) === types.opt;
    return hasOpt ? this.#in.subarray(start) : Buffer.alloc(0);
  }

  #skipName(start: number): number {
    let offset = start;
    for (let length = this.#in.readUInt8(offset); length !== 0; length = this.#in.readUInt8(offset))
      offset += length + 1;
    return offset + 1;
  }

  #copyRecord(): void {
    this.#copyName();
    const type = this.#in.readUInt16BE(this.#read);
    const end = this.#read + 10 + this.#in.readUInt16BE(this.#read + 8);
    this.#copyBytes(10);
    const dataStart = this.#written;
    // RFC 3597: names may be compressed only in the data of the types of RFC 1035. Others may be pointed at.
    if (type === types.mx) this.#copyBytes(2);
    if ([types.ns, types.cname, types.ptr, types.mx, types.soa].includes(type)) this.#copyName();
    if (type === types.soa) this.#copyName();
    if (type === types.srv) {
      this.#copyBytes(6);
      this.#copyName(false);
    }
    this.#copyBytes(end - this.#read);
    this.#out.writeUInt16BE(this.#written - dataStart, dataStart - 2);
  }

  #copyBytes(count: number): void {
    this.#in.copy(this.#out, this.#written, this.#read, this.#read + count);
    this.#read += count;
    this.#written += count;
  }

  #copyName(mayCompress = true): void {
    const end = this.#skipName(this.#read);
    while (this.#in.readUInt8(this.#read) !== 0) {
      const suffix = this.#in.toString('latin1', this.#read, end);
      const pointer = this.#seen.get(suffix);
      if (pointer !== undefined && mayCompress) {
        this.#written = this.#out.writeUInt16BE(0xc000 | pointer, this.#written);
        this.#read = end;
        return;
      }
      if (pointer === undefined && this.#written <= maxPointer) this.#seen.set(suffix, this.#written);
      this.#copyBytes(this.#in.readUInt8(this.#read) + 1);
    }
    this.#copyBytes(1);
  }
}
