/**
 * Bytes 0x80 to 0xFF. 437 is what APPNOTE.TXT (appendix D) prescribes for unmarked names; 850 is what Info-ZIP's unzip takes
 * MS-DOS to mean in Western Europe.
 */
const CODE_PAGES = {
  437: 'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0',
  850: 'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0',
} as const;

/** The UTF-8 text whose bytes mean `name` in a code page of MS-DOS, where `isExpected` says yes to it; else null. */
export function restoredFromCodePage(name: string, isExpected: (restored: string) => boolean): string | null {
  for (const page of Object.values(CODE_PAGES)) {
    const restored = fromCodePage(name, page);
    if (restored !== null && isExpected(restored)) return restored;
  }
  return null;
}

/** @returns null where `name` has a character that isn't in the page, or the bytes are no UTF-8 */
function fromCodePage(name: string, page: string): string | null {
  const bytes: number[] = [];
  for (const character of name) {
    const code = character.codePointAt(0) ?? 0;
    const place = page.indexOf(character);
    if (code >= 0x80 && place < 0) return null;
    bytes.push(code < 0x80 ? code : 0x80 + place);
  }
  const text = Buffer.from(bytes).toString('utf8');
  return Buffer.from(text).equals(Buffer.from(bytes)) ? text : null;
}
