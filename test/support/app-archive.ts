import { ZipFile } from 'yazl';

/** One thing that should be otherwise in an app that is fine. */
export interface AppArchiveOptions {
  readonly id?: string;
  readonly version?: string;
  readonly name?: string;
  /** More files, or others in the place of the default ones; null leaves a file away. Paths below the app's folder. */
  readonly files?: Readonly<Record<string, string | Buffer | null>>;
  /** `appinfo/info.xml` as a whole, instead of the one made from id, version and name. */
  readonly infoXml?: string | Buffer;
  /** The app's id by default; '' packs the files without a folder. */
  readonly topLevelFolder?: string;
}

/** `appinfo/info.xml` of an app that has everything the store asks for. */
export function infoXml({ id = 'calendar', version = '1.0.0', name = 'Calendar' } = {}): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<info>
  <id>${id}</id>
  <name>${name}</name>
  <summary>A calendar for everybody</summary>
  <description>Keeps the dates of a whole team together.</description>
  <version>${version}</version>
  <licence>AGPL</licence>
  <author mail="ada@example.org">Ada Example</author>
  <category>productivity</category>
  <screenshot>https://example.org/calendar.png</screenshot>
  <dependencies><owncloud min-version="10.0" max-version="10"/></dependencies>
</info>
`;
}

/** The files of an app that is fine, by path below its folder. */
export function appFiles(options: AppArchiveOptions = {}): Map<string, Buffer> {
  const { id = 'calendar', version = '1.0.0', name = 'Calendar', files = {} } = options;
  const all = new Map<string, string | Buffer | null>([
    ['appinfo/info.xml', options.infoXml ?? infoXml({ id, version, name })],
    ['appinfo/app.php', '<?php\n// nothing to register\n'],
    ['css/style.css', 'body { color: black; }\n'],
    ['js/script.js', `console.log(${JSON.stringify(id)});\n`],
    ['img/app.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>\n'],
    ...Object.entries(files),
  ]);
  const present = [...all].filter((entry): entry is [string, string | Buffer] => entry[1] !== null);
  return new Map(present.map(([path, content]) => [path, Buffer.from(content)]));
}

/** A zip of an app that is fine but for what `options` change. */
export async function appArchive(options: AppArchiveOptions = {}): Promise<Buffer> {
  const folder = options.topLevelFolder ?? options.id ?? 'calendar';
  const prefix = folder === '' ? '' : `${folder}/`;
  return zipOf([...appFiles(options)].map(([path, content]) => [`${prefix}${path}`, content] as const));
}

/** A zip of these files, as yazl writes it. */
export async function zipOf(files: Iterable<readonly [string, Buffer]>): Promise<Buffer> {
  const zip = new ZipFile();
  // A fixed time, so that the same files give the same bytes.
  const mtime = new Date('2025-01-01T00:00:00Z');
  for (const [path, content] of files) zip.addBuffer(content, path, { mtime, mode: 0o100644 });
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
