/**
 * The code that Node's own modules put on what they throw (`ENOENT`, `Z_DATA_ERROR`), null for any other error.
 *
 * By shape and not by `instanceof`: an error of the file system or of zlib is not an `Error` of another realm, as tests
 * and worker contexts are.
 */
export function errorCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}
