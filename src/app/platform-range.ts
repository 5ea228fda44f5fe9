import { trimXml } from './element-reader.js';
import type { XmlElement } from './xml-document.js';

/** The ownCloud versions an app is for: both ends included, and `10` means all of 10. Null where that end is open. */
export interface PlatformRange {
  readonly min: string | null;
  readonly max: string | null;
}

/** Where the range was found, and what is wrong with it. */
export interface PlatformReading {
  readonly range: PlatformRange | null;
  readonly problems: readonly { readonly element: string; readonly problem: string; readonly actual: string }[];
}

const PLATFORM_VERSION = /^[0-9]{1,5}(?:\.[0-9]{1,5}){0,3}$/;

/**
 * The platform range by `<dependencies><owncloud min-version max-version/>`, or where that is missing by the older
 * `<requiremin>` and `<requiremax>`, which ownCloud's servers still read.
 *
 * @param owncloud the element inside `<dependencies>`, where there is one
 */
export function readPlatform(
  owncloud: XmlElement | undefined,
  requiremin: XmlElement | undefined,
  requiremax: XmlElement | undefined,
): PlatformReading {
  const min = owncloud === undefined ? requiremin?.text : owncloud.attributes.get('min-version');
  const max = owncloud === undefined ? requiremax?.text : owncloud.attributes.get('max-version');
  const range = { min: min === undefined ? null : trimXml(min), max: max === undefined ? null : trimXml(max) };
  if (range.min === null && range.max === null) return { range: null, problems: [] };
  const [minName, maxName] =
    owncloud === undefined ? ['requiremin', 'requiremax'] : ['owncloud min-version', 'owncloud max-version'];
  const problems = [
    { element: minName, value: range.min },
    { element: maxName, value: range.max },
  ].flatMap(({ element, value }) =>
    value === null || PLATFORM_VERSION.test(value)
      ? []
      : [{ element, problem: 'must be one to four numbers with dots between them, like 10 or 10.3.1', actual: value }],
  );
  if (problems.length > 0) return { range: null, problems };
  if (isEmpty(range)) {
    const problem = `must not be higher than max-version ${range.max ?? ''}`;
    return { range: null, problems: [{ element: minName, problem, actual: range.min ?? '' }] };
  }
  return { range, problems: [] };
}

/** Whether no version lies between the ends. A shorter end stands for all versions that begin with it. */
function isEmpty({ min, max }: PlatformRange): boolean {
  if (min === null || max === null) return false;
  const ceiling = max.split('.').map(Number);
  for (const [index, number] of min.split('.').map(Number).entries()) {
    const limit = ceiling[index];
    if (limit === undefined || number < limit) return false;
    if (number > limit) return true;
  }
  return false;
}
