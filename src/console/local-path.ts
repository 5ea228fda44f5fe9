const MAX_LENGTH = 2000;

/**
 * A path of the console as links write it (`console/queue?kind=held`), from what somebody asked to come back to; null where
 * that leads anywhere else. Browsers read `\` as `/`, and leave out tabs and line breaks.
 */
export function localPath(text: string | undefined): string | null {
  if (text === undefined || text.length > MAX_LENGTH) return null;
  const path = text.startsWith('/') ? text.slice(1) : text;
  if (!/^console(?:$|[/?])/.test(path)) return null;
  // Printable ASCII but for the backslash; addresses are written in it.
  if (!/^[!-[\]-~]*$/.test(path)) return null;
  const [name = ''] = path.split(/[?#]/, 1);
  if (name.includes('//') || /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i.test(name)) return null;
  return path;
}
