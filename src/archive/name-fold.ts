/**
 * One form for all names that some file system takes for the same: Unicode normalisation (macOS), case (Windows, macOS,
 * ext4 where it is told to), and the code points that HFS+ passes over, of which Unicode's list of default-ignorable ones
 * is a superset. Compatibility forms (NFKC) stay apart, as in every file system in use.
 *
 * Lower, upper, lower: so ẞ, ß and SS, ﬁ and fi, the Kelvin sign and K, the two small sigmas fall together, as they do by
 * full case folding, which JavaScript doesn't have. The Turkish İ and ı fall together with i, as one locale or other has it.
 *
 * Taken apart before that (NFD, Unicode's definition D145 of canonical caseless matching): a mark that becomes a letter, as
 * U+0345 does, changes what composes with what.
 *
 * What Windows allows in no name counts as "_", by which readers there replace it.
 */
export function foldName(name: string): string {
  const plain = replacedOnWindows(name);
  if (!/\P{ASCII}/u.test(plain)) return plain.toLowerCase();
  const folded = withoutIgnorable(plain).normalize('NFD').toLowerCase().toUpperCase().toLowerCase();
  return folded.normalize('NFC').replaceAll('i\u0307', 'i');
}

/** `name` without the code points that can't be seen and that some file system passes over when it compares names. */
export function withoutIgnorable(name: string): string {
  return name.replace(/\p{Default_Ignorable_Code_Point}/gu, '');
}

/** `name` as readers on Windows write it: what is allowed in no name there becomes "_". */
export function replacedOnWindows(name: string): string {
  return name.replace(/[<>"|?*]/g, '_');
}
