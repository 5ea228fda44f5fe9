import type { Finding } from '../report/finding.js';
import { SIGN_COMMAND, type Explanation } from './explanation.js';

const UTF8_MARK = Buffer.from('efbbbf', 'hex');
const UTF16_MARKS = [Buffer.from('fffe', 'hex'), Buffer.from('feff', 'hex')];

/** What an RSA signature takes in base64: keys of 2,048 to 8,192 bits. */
const WHOLE_FILE_SIGNATURE = /^[A-Za-z0-9+/]{340,1370}={0,2}$/;

/** Words that stand for content in documentation: ownCloud's and Nextcloud's example of a signature file. */
const PLACEHOLDERS = [
  /path\\?\/filename\.php/,
  /"signature"\s*:\s*"(?:hash|signature|placeholder|cGxhY2Vob2xkZXI=|\.\.\.)"/,
  /-----BEGIN CERTIFICATE-----(?:\\[rn]|\s)*(?:code|\.\.\.|…)(?:\\[rn]|\s)*-----END/,
];

/** Placeholders stand near the beginning; a real file may have megabytes. */
const PEEK_BYTES = 65_536;

/** Recognises what was put where a signature file belongs. The bytes are hostile and may be anything. */
export function explainSignatureFile(bytes: Buffer): readonly Explanation[] {
  const text = bytes.subarray(0, PEEK_BYTES).toString('utf8').trim();
  const recognised = recognise(bytes, text);
  if (recognised === null) return [];
  return [{ explains: isAboutTheFile, ...recognised }];
}

function isAboutTheFile({ code, message }: Finding): boolean {
  return code === 'SIGNATURE_FILE_MALFORMED' || (code === 'BAD_CHAIN' && message.includes("can't be read"));
}

function recognise(bytes: Buffer, text: string): Pick<Explanation, 'cause' | 'fix'> | null {
  if (bytes.length === 0) return { cause: 'The signature file is empty.' };
  if (bytes.subarray(0, UTF8_MARK.length).equals(UTF8_MARK)) {
    return {
      cause: 'An editor put a byte-order mark before the first brace when it saved the file.',
      fix: "Save the file as UTF-8 without a byte-order mark: sed -i '1s/^\\xEF\\xBB\\xBF//' appinfo/signature.json",
    };
  }
  if (UTF16_MARKS.some((mark) => bytes.subarray(0, mark.length).equals(mark))) {
    return {
      cause: 'The file was saved as UTF-16.',
      fix: 'Save it as UTF-8 without a byte-order mark: iconv -f UTF-16 -t UTF-8 FILE > appinfo/signature.json',
    };
  }
  if (/-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/.test(text)) {
    return {
      cause: 'The file holds a private key. Whoever has seen this archive can now sign as you.',
      fix: 'Have the certificate revoked, request a new one with a new key, and sign again.',
    };
  }
  if (WHOLE_FILE_SIGNATURE.test(text.replace(/\s/g, ''))) {
    return {
      cause:
        "This is the signature of a whole archive, as Nextcloud's store takes beside an upload (openssl dgst -sign). " +
        'A signature file lists the hash of every file.',
      fix: `Sign the folder before packing it: ${SIGN_COMMAND}`,
    };
  }
  if (text.startsWith('-----BEGIN')) {
    return {
      cause: 'The file is a certificate or another PEM file by itself.',
      fix: `Sign the folder: ${SIGN_COMMAND}`,
    };
  }
  if (text.startsWith('<')) return { cause: 'The file is an HTML or XML page, perhaps one that says an error.' };
  if (PLACEHOLDERS.some((placeholder) => placeholder.test(text))) {
    return {
      cause: 'This is the example from the documentation, with its placeholders, and no real signature.',
      fix: `Sign the folder: ${SIGN_COMMAND}`,
    };
  }
  return null;
}
