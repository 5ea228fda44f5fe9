import { lineOf, trimXml } from './element-reader.js';
import type { XmlElement } from './xml-document.js';

/** `int-size`: how many bits PHP's integers must have. */
export const dependencyKinds = ['php', 'int-size', 'database', 'command', 'lib', 'os'] as const;

/** Something that an app needs beside the platform. */
export interface AppDependency {
  readonly kind: (typeof dependencyKinds)[number];
  /** Null for PHP itself. */
  readonly name: string | null;
  /** The lowest version that will do; null where that end is open. */
  readonly min: string | null;
  /** The highest one. */
  readonly max: string | null;
  /** The operating system that a command is needed on; null: whichever it is. */
  readonly os: string | null;
}

const MAX_DEPENDENCIES = 100;
const NAME = /^[A-Za-z0-9_./][A-Za-z0-9_./:+ -]{0,63}$/;
const VERSION = /^[0-9][A-Za-z0-9_.+-]{0,31}$/;

/**
 * What `<dependencies>` asks for beside ownCloud. Servers pass over what they don't know there, and so is passed over here what is
 * no name or version; of very many dependencies the first hundred are kept.
 *
 * @param elements those inside of `<dependencies>`
 */
export function readDependencies(elements: readonly XmlElement[]): readonly AppDependency[] {
  return elements.flatMap(dependenciesOf).slice(0, MAX_DEPENDENCIES);
}

function dependenciesOf(element: XmlElement): readonly AppDependency[] {
  const attribute = (name: string, rule: RegExp): string | null => {
    const text = trimXml(element.attributes.get(name) ?? '');
    return rule.test(text) ? text : null;
  };
  const none = { name: null, min: null, max: null, os: null };
  const range = { min: attribute('min-version', VERSION), max: attribute('max-version', VERSION) };
  if (element.name === 'php') {
    const bits = attribute('min-int-size', /^[0-9]{1,3}$/);
    return [
      ...(range.min === null && range.max === null ? [] : [{ ...none, ...range, kind: 'php' as const }]),
      ...(bits === null ? [] : [{ ...none, kind: 'int-size' as const, min: bits }]),
    ];
  }
  const name = lineOf(element);
  if (element.children.length > 0 || !NAME.test(name)) return [];
  switch (element.name) {
    case 'database':
    case 'os':
      return [{ ...none, kind: element.name, name }];
    case 'command':
      return [{ ...none, kind: 'command', name, os: attribute('os', NAME) }];
    case 'lib':
      return [{ ...none, ...range, kind: 'lib', name }];
    default:
      return [];
  }
}
