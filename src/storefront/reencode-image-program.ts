/*
 * Makes a stranger's picture anew, in a process of its own: see reencode-image.ts, which starts it, bounds it and believes
 * nothing that it says. Writes a line once its library is there, reads the picture from its input, writes a line of JSON, and after it
 * the bytes that were made.
 */

/** What came of it: why there is nothing, or the image and its thumbnail. */
type Answer = { readonly refused: string } | { readonly made: readonly [Made, Made] };

interface Made {
  readonly width: number;
  readonly height: number;
  readonly bytes: Buffer;
}

const [maxPixels = 0, maxBytes = 0, ...sides] = process.argv.slice(2).map(Number);
const { default: sharp } = await import('sharp');

/** The loaders of the four formats that are taken, from memory: no SVG, no PDF, no TIFF, no HEIF, and no file. */
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: [
    'VipsForeignLoadPngBuffer',
    'VipsForeignLoadJpegBuffer',
    'VipsForeignLoadWebpBuffer',
    'VipsForeignLoadNsgifBuffer',
  ],
});
sharp.cache(false);
sharp.concurrency(1);

const QUALITIES = [82, 65, 45];

async function reencode(picture: Buffer): Promise<Answer> {
  try {
    const [width = 0, height = 0, smallWidth = 0, smallHeight = 0] = sides;
    // The first picture of an animation only, turned as the camera said, in sRGB; what else is told of it is left behind.
    const { data, info } = await sharp(picture, {
      limitInputPixels: maxPixels,
      pages: 1,
      failOn: 'error',
      autoOrient: true,
    })
      .resize({ width, height, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const pixels = { data, raw: { width: info.width, height: info.height, channels: info.channels } };
    const image = await asWebp(pixels, { width, height });
    const thumbnail = await asWebp(pixels, { width: smallWidth, height: smallHeight });
    if (image === null || thumbnail === null) return { refused: 'too large when made anew' };
    return { made: [image, thumbnail] };
  } catch (error) {
    return { refused: error instanceof Error ? error.message : '' };
  }
}

interface Pixels {
  readonly data: Buffer;
  readonly raw: { readonly width: number; readonly height: number; readonly channels: 1 | 2 | 3 | 4 };
}

/** In the best quality in which it is short enough; null where it is in none. */
async function asWebp(
  { data, raw }: Pixels,
  within: { readonly width: number; readonly height: number },
): Promise<Made | null> {
  for (const quality of QUALITIES) {
    const { data: bytes, info } = await sharp(data, { raw })
      .resize({ ...within, fit: 'inside', withoutEnlargement: true })
      .webp({ quality })
      .toBuffer({ resolveWithObject: true });
    if (bytes.length <= maxBytes) return { width: info.width, height: info.height, bytes };
  }
  return null;
}

process.stdout.write('ready\n');
const chunks: Buffer[] = [];
for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
const answer = await reencode(Buffer.concat(chunks));
const made = 'made' in answer ? answer.made : [];
const head =
  'made' in answer
    ? made.map(({ width, height, bytes }) => ({ width, height, bytes: bytes.length }))
    : { refused: answer.refused };
process.stdout.write(`${JSON.stringify(head)}\n`);
for (const { bytes } of made) process.stdout.write(bytes);
