/** The upper half of code page 437, the one that zip names are in where nothing says UTF-8 (APPNOTE.TXT, appendix D). */
const UPPER_HALF =
  'ÇüéâäàåçêëèïîìÄÅ' +
  'ÉæÆôöòûùÿÖÜ¢£¥₧ƒ' +
  'áíóúñÑªº¿⌐¬½¼¡«»' +
  '░▒▓│┤╡╢╖╕╣║╗╝╜╛┐' +
  '└┴┬├─┼╞╟╚╔╩╦╠═╬╧' +
  '╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀' +
  'αßΓπΣσµτΦΘΩδ∞φε∩' +
  '≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00A0';

const UNITS = Uint16Array.from({ length: 256 }, (_, byte) => (byte < 0x80 ? byte : UPPER_HALF.charCodeAt(byte - 0x80)));

/** What a reader that goes by the letter of the format makes of a name in UTF-8 without the flag. */
export function asCodePage437(name: string): string {
  const bytes = Buffer.from(name);
  const units = Buffer.allocUnsafe(2 * bytes.length);
  for (let at = 0; at < bytes.length; at += 1) units.writeUInt16LE(UNITS[bytes[at] ?? 0] ?? 0, 2 * at);
  return units.toString('utf16le');
}
