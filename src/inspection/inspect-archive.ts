import { readArchive } from '../archive/read-archive.js';
import { readFolder } from '../archive/read-folder.js';
import { inspectContents } from './inspect-contents.js';
import type { Inspection, InspectionRequest } from './inspection.js';
import { watchForPrivateKeys } from './private-keys.js';

/**
 * Inspects a zip archive: the one function that the server and the command line both call.
 *
 * @param file path of the archive; it must not change meanwhile
 * @param request what it must be, and what to judge it by; `sha256` where the caller already has the archive's digest
 * @throws where the file can't be read or the machine fails; what is wrong with the archive is a finding, never thrown
 */
export async function inspectArchive(
  file: string,
  request: InspectionRequest & { readonly sha256?: string },
): Promise<Inspection> {
  const { limits, sha256 } = request;
  const watch = watchForPrivateKeys();
  const options = { limits, watch, ...(sha256 !== undefined && { sha256 }) };
  return readArchive(file, options, (reading) => inspectContents({ ...reading, privateKeys: watch.found }, request));
}

/**
 * Inspects an app that lies unpacked in a folder, as `verify <folder>` does. The folder's own name is not judged.
 *
 * @throws where the folder can't be read
 */
export async function inspectFolder(folder: string, request: InspectionRequest): Promise<Inspection> {
  const watch = watchForPrivateKeys();
  const reading = await readFolder(folder, request.limits, undefined, undefined, watch);
  const privateKeys = watch.found;
  return inspectContents({ ...reading, privateKeys, archive: null, topLevelFolder: null }, request);
}
