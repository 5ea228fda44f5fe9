/**
 * The textual encodings of RFC 7468. As openssl does, text around and between the blocks is passed over; inside a block
 * nothing but base64 and white space is.
 */

/** The text is not the PEM that was expected. The readers of whole documents turn it into their own error. */
export class PemError extends Error {
  override readonly name = 'PemError';
}

/**
 * The DER inside every `-----BEGIN label-----` block, in order; blocks of other kinds are passed over. Throws PemError.
 */
export function readPem(input: string, ...labels: readonly string[]): readonly Buffer[] {
  const blocks: Buffer[] = [];
  let open: { readonly label: string; readonly lines: string[] } | null = null;
  for (const raw of input.split(/\r\n|\n|\r/)) {
    const line = raw.trim();
    const begins = labels.find((label) => line === `-----BEGIN ${label}-----`);
    const ends = labels.find((label) => line === `-----END ${label}-----`);
    if (begins !== undefined) {
      if (open !== null) throw new PemError(`a ${begins} block begins inside another`);
      open = { label: begins, lines: [] };
    } else if (ends !== undefined) {
      if (open?.label !== ends) throw new PemError(`a ${ends} block ends without a beginning`);
      blocks.push(decodeBase64(open.lines.join(''), ends));
      open = null;
    } else {
      open?.lines.push(line);
    }
  }
  if (open !== null) throw new PemError(`a ${open.label} block has no end`);
  return blocks;
}

/** Writes DER as a PEM block with lines of 64 characters and a newline at the end (RFC 7468 §2). */
export function writePem(der: Buffer, label: string): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/**
 * The DER documents in a file that may be DER itself or PEM. DER that happens to hold PEM text in one of its strings is
 * still read as DER: a reader that looks for the PEM first can be shown another certificate than the one that is checked.
 */
export function readDerOrPem(input: Buffer | string, ...labels: readonly string[]): readonly Buffer[] {
  if (typeof input === 'string') return readPem(input, ...labels);
  return looksLikeDer(input) ? [input] : readPem(input.toString('latin1'), ...labels);
}

/** A SEQUENCE with a length in the long form, or in the short form and right: no PEM block is as short as that. */
function looksLikeDer(input: Buffer): boolean {
  const [tag, length = 0] = input;
  return tag === 0x30 && (length >= 0x80 || length === input.length - 2);
}

function decodeBase64(base64: string, label: string): Buffer {
  const compact = base64.replace(/[ \t]/g, '');
  // Buffer.from skips what it does not know; the check keeps two texts from meaning the same bytes by accident.
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(compact) || compact.length % 4 !== 0) {
    throw new PemError(`a ${label} block does not hold base64`);
  }
  return Buffer.from(compact, 'base64');
}
