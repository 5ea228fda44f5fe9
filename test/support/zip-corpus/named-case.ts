import type { FindingCode } from '../../../src/report/catalogue.js';
import { withName } from './building-blocks.js';
import { zipCase, type ZipCase } from './zip-case.js';

/** A case about the name of one entry, beside a good one. */
export function named(
  name: string,
  path: string | Buffer,
  codes: FindingCode | readonly FindingCode[],
  what: string,
): ZipCase {
  return zipCase(name, codes, what, () => withName(path));
}
