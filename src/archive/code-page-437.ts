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

/** What a reader that goes by the letter of the format makes of a name in UTF-8 without the flag. */
export function asCodePage437(name: string): string {
  return Buffer.from(name)
    .toString('latin1')
    .replace(/[\x80-\xff]/g, (byte) => UPPER_HALF.charAt(byte.charCodeAt(0) - 0x80));
}
