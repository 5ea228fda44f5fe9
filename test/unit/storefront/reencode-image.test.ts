import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { crc32 } from '../../../src/archive/crc-32.js';
import { reencodeImage, screenshotBounds, type ReencodingBounds } from '../../../src/storefront/reencode-image.js';
import { zipOf } from '../../support/app-archive.js';

/** A picture of two halves, red above blue, so that one sees which way up it is. */
function halves(width: number, height: number): Sharp {
  const data = Buffer.alloc(width * height * 3);
  for (let index = 0; index < width * height; index += 1) {
    data[index * 3 + (index < (width * height) / 2 ? 0 : 2)] = 255;
  }
  return sharp(data, { raw: { width, height, channels: 3 } });
}

const plain = (width = 60, height = 40): Promise<Buffer> => halves(width, height).png().toBuffer();

async function made(picture: Buffer) {
  const result = await reencodeImage(picture);
  if ('refusal' in result) throw new Error(result.refusal);
  return result;
}

async function refusal(picture: Buffer, bounds: Partial<ReencodingBounds> = {}): Promise<string | null> {
  const result = await reencodeImage(picture, { ...screenshotBounds, ...bounds });
  return 'refusal' in result ? result.refusal : null;
}

/** The colour at the middle of the upper edge. */
async function topColour(image: Buffer): Promise<'red' | 'blue' | 'other'> {
  const { data, info } = await sharp(image).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const [red = 0, , blue = 0] = data.subarray(Math.floor(info.width / 2) * 3);
  if (red > 200 && blue < 60) return 'red';
  return blue > 200 && red < 60 ? 'blue' : 'other';
}

/** The names of the chunks of a WebP. */
function chunksOf(webp: Buffer): readonly string[] {
  const names: string[] = [];
  for (let at = 12; at < webp.length; at += 8 + webp.readUInt32LE(at + 4) + (webp.readUInt32LE(at + 4) % 2)) {
    names.push(webp.toString('latin1', at, at + 4));
  }
  return names;
}

function pngChunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, sum]);
}

/** A PNG of this size in its header, and as much in its data as one says. */
function pngOf(width: number, height: number, data: Buffer, extra: readonly Buffer[] = []): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  return pngFrom(header, deflateSync(data), extra);
}

function pngFrom(header: Buffer, data: Buffer, extra: readonly Buffer[] = []): Buffer {
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  const chunks = [pngChunk('IHDR', header), ...extra, pngChunk('IDAT', data), pngChunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([signature, ...chunks]);
}

/** A black PNG with 16 bits a colour whose pixels come in seven passes: it can only be decoded as a whole, and that takes its time. */
function interlacedPng(side: number): Buffer {
  const passes = [
    [8, 8],
    [8, 8],
    [4, 8],
    [4, 4],
    [2, 4],
    [2, 2],
    [1, 2],
  ] as const;
  const bytes = passes.map(([across, down]) => Math.ceil(side / down) * (1 + Math.ceil(side / across) * 6));
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([16, 2, 0, 0, 1], 8);
  const data = deflateSync(Buffer.alloc(bytes.reduce((sum, each) => sum + each, 0)), { level: 1 });
  return pngFrom(header, data);
}

describe('a picture that is one', () => {
  test.each(['png', 'jpeg', 'webp', 'gif'] as const)('a %s becomes a WebP with a thumbnail', async (format) => {
    const { image, thumbnail } = await made(await halves(3_200, 1_800).toFormat(format).toBuffer());
    expect([image.width, image.height]).toEqual([1_600, 900]);
    expect([thumbnail.width, thumbnail.height]).toEqual([480, 270]);
    for (const { bytes, width, height } of [image, thumbnail]) {
      expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', width, height });
      expect(await topColour(bytes)).toBe('red');
    }
  });

  test('a small one is not made larger, and a tall one is made to fit', async () => {
    const small = await made(await plain(30, 20));
    expect([small.image.width, small.image.height, small.thumbnail.width]).toEqual([30, 20, 30]);
    const tall = await made(await plain(500, 8_000));
    expect([tall.image.width, tall.image.height]).toEqual([250, 4_000]);
    expect(tall.thumbnail.height).toBe(960);
  });

  test('nothing that was told along is kept: where and by what it was taken, profiles, texts', async () => {
    const exif = { IFD0: { Copyright: 'Ada Example', Software: 'SECRET-TOOL' }, IFD3: { GPSLatitude: '48/1 8/1 0/1' } };
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const picture = await halves(60, 40)
        .withExif(exif)
        .withIccProfile('p3')
        .withXmp('<x>SECRET</x>')
        .toFormat(format)
        .toBuffer();
      const { image, thumbnail } = await made(picture);
      for (const { bytes } of [image, thumbnail]) {
        expect(chunksOf(bytes).filter((name) => !['VP8 ', 'VP8L', 'VP8X', 'ALPH'].includes(name))).toEqual([]);
        expect(bytes.includes('SECRET')).toBe(false);
      }
    }
  });

  test('one that lies on its head is turned as the camera said', async () => {
    const picture = await halves(60, 40).withMetadata({ orientation: 3 }).jpeg().toBuffer();
    expect(await topColour((await made(picture)).image.bytes)).toBe('blue');
  });

  test.each(['gif', 'webp'] as const)('of an animated %s only the first picture is made anew', async (format) => {
    const turned = await halves(60, 40).flip().png().toBuffer();
    const frames = [await plain(), ...Array.from({ length: 199 }, () => turned)];
    const picture = await sharp(frames, { join: { animated: true } })
      .toFormat(format)
      .toBuffer();
    expect((await sharp(picture).metadata()).pages).toBeGreaterThan(1);
    const { image } = await made(picture);
    expect([image.width, image.height]).toEqual([60, 40]);
    expect(await topColour(image.bytes)).toBe('red');
    expect(chunksOf(image.bytes)).not.toContain('ANIM');
  });

  test('of an animated PNG with very many pictures, too', async () => {
    const control = Buffer.alloc(8);
    control.writeUInt32BE(0x7fff_ffff);
    const { image } = await made(pngOf(10, 10, Buffer.alloc(310), [pngChunk('acTL', control)]));
    expect([image.width, image.height]).toEqual([10, 10]);
  });

  test('what follows it in its file is left behind', async () => {
    const script = Buffer.from('<script>alert(document.domain)</script>');
    const polyglot = Buffer.concat([await plain(), script, await zipOf([['a.txt', Buffer.from('zip')]])]);
    const { image, thumbnail } = await made(polyglot);
    for (const { bytes } of [image, thumbnail]) {
      expect(bytes.includes('script')).toBe(false);
      expect(bytes.includes('PK')).toBe(false);
      expect(bytes.length).toBe(8 + bytes.readUInt32LE(4));
    }
  });
});

describe('what is no picture, or none that is taken', () => {
  test.each([
    ['nothing', ''],
    ['a page', '<!doctype html><img src=x onerror=alert(1)>'],
    ['an SVG', '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>'],
    ['an SVG with a declaration', '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['a PDF', '%PDF-1.7\n'],
    ['PostScript', '%!PS-Adobe-3.0'],
    ['a HEIC', '\0\0\0\x18ftypheic\0\0\0\0mif1heic'],
    ['an AVIF', '\0\0\0\x18ftypavif\0\0\0\0mif1avif'],
    ['a BMP', 'BM\x3a\0\0\0\0\0\0\0\x36\0\0\0'],
    ['a WAVE', 'RIFF\x24\0\0\0WAVEfmt '],
    ['a script that ImageMagick runs', 'push graphic-context\nviewbox 0 0 640 480'],
  ])('%s is not even given to the decoder', async (_name, text) => {
    expect(await refusal(Buffer.from(text, 'latin1'))).toBe('It is no PNG, JPEG, WebP or GIF image.');
  });

  test('a TIFF is not either', async () => {
    expect(await refusal(await halves(10, 10).tiff().toBuffer())).toBe('It is no PNG, JPEG, WebP or GIF image.');
  });

  test.each([
    ['a GIF that is a script', Buffer.from('GIF89a/*\0\0\0*/=1;alert(1)')],
    [
      'a PNG with an SVG in it',
      Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')]),
    ],
    ['a WebP that is none', Buffer.from('RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0 not at all', 'latin1')],
    ['a JPEG of one line', Buffer.from('ffd8ffe0', 'hex')],
    ['a PNG without a side', pngOf(0, 10, Buffer.alloc(0))],
    ['a PNG whose data is for less', pngOf(100, 100, Buffer.alloc(10))],
  ])('%s is damaged', async (_name, picture) => {
    expect(await refusal(picture)).toBe('It is damaged, or no such image as it begins with.');
  });

  test.each(['png', 'jpeg', 'webp', 'gif'] as const)('half a %s is damaged', async (format) => {
    const noise = Buffer.from(Array.from({ length: 200 * 200 * 3 }, (_, index) => (index * index * 7_919) % 251));
    const whole = await sharp(noise, { raw: { width: 200, height: 200, channels: 3 } })
      .toFormat(format)
      .toBuffer();
    expect(await refusal(whole)).toBeNull();
    expect(await refusal(whole.subarray(0, whole.length / 2))).toBe(
      'It is damaged, or no such image as it begins with.',
    );
  });
});

describe('what would take too much', () => {
  const huge = {
    gif: Buffer.from(
      `GIF89a${'\xff'.repeat(4)}\x80\0\0${'\0'.repeat(6)},\0\0\0\0${'\xff'.repeat(4)}\0\x02\x02\x4c\x01\0;`,
      'latin1',
    ),
  };
  const vp8x = Buffer.from('RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\x3f\0\xff\x3f\0', 'latin1');
  test.each([
    ['a PNG of some bytes that is 60,000 pixels wide and high', pngOf(60_000, 60_000, Buffer.alloc(100))],
    ['a PNG of one column that is forty million high', pngOf(1, 40_000_001, Buffer.alloc(100))],
    ['a PNG of the largest size there is', pngOf(0x7fff_ffff, 0x7fff_ffff, Buffer.alloc(100))],
    ['a GIF', huge.gif],
    ['a WebP', vp8x],
  ])('%s is refused for its size, or as damaged, before it is decoded', async (_name, picture) => {
    // With less memory than its pixels would take.
    expect(await refusal(picture, { memoryMebibytes: 512 })).toMatch(/^It has too many pixels|^It is damaged/);
  });

  test('a picture that has more pixels than are allowed is refused, however well it is packed', async () => {
    const picture = await sharp({ create: { width: 2_001, height: 2_000, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    expect(await refusal(picture, { maxPixels: 4_000_000 })).toBe('It has too many pixels.');
    expect(await refusal(picture, { maxPixels: 4_002_000 })).toBeNull();
  });

  test('one that can not be packed small enough is refused', async () => {
    expect(await refusal(await plain(1_000, 1_000), { maxBytes: 100 })).toBe('Made anew, it would be too large.');
  });

  test('one that takes too long is given up, and its program is gone', async () => {
    const slow = interlacedPng(5_000);
    expect(await refusal(slow, { timeoutMs: 1 })).toBe('Decoding it took longer than 1 s.');
    expect(decoders()).toEqual([]);
  });

  const linuxTest = existsSync('/proc/self/task') ? test : test.skip;

  linuxTest('one that takes more memory than it may ends its own program only', async () => {
    const large = interlacedPng(5_000);
    expect(await refusal(large, { memoryMebibytes: 200 })).toMatch(/^The decoder broke down|^It is damaged/);
    expect(await refusal(large)).toBeNull();
  });

  linuxTest('one whose program somebody ends is no worse for it', async () => {
    const slow = interlacedPng(5_000);
    const done = reencodeImage(slow);
    process.kill(await decoding(), 'SIGTERM');
    await expect(done).rejects.toThrow('was ended by SIGTERM');
  });

  linuxTest(
    'the decoder is no part of our group, so that what ends the gate lets it finish; nor is it root',
    async () => {
      const slow = interlacedPng(5_000);
      const done = refusal(slow);
      const pid = await decoding();
      // Its state, its parent, its group.
      const [, , group] = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ');
      expect(group).toBe(String(pid));
      const users = /^Uid:\t(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]?.split('\t');
      const expected = process.getuid?.() === 0 ? 65_534 : process.getuid?.();
      expect(users).toEqual(Array.from({ length: 4 }, () => String(expected)));
      expect(await done).toBeNull();
    },
  );

  linuxTest('the decoder knows nothing of our environment', async () => {
    process.env['PORTCULLIS_TEST_SECRET'] = 'hunter2';
    try {
      const slow = interlacedPng(5_000);
      const done = refusal(slow);
      let seen: readonly string[] = [];
      while (seen.length === 0) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        seen = decoders()
          .map((pid) => readFileSync(`/proc/${pid}/environ`, 'utf8'))
          .filter((text) => text !== '');
      }
      expect(await done).toBeNull();
      expect(seen.join('')).not.toContain('hunter2');
      expect(seen[0]?.split('\0').map((line) => line.split('=')[0])).toEqual(
        expect.not.arrayContaining(['HOME', 'NODE_OPTIONS', 'PORTCULLIS_TEST_SECRET']),
      );
    } finally {
      delete process.env['PORTCULLIS_TEST_SECRET'];
    }
  });
});

/** The one process of this program that decodes, once it has begun. */
async function decoding(): Promise<number> {
  for (;;) {
    const [pid] = decoders();
    if (pid !== undefined && readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(process.execPath))
      return Number(pid);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The processes of this program that decode. */
function decoders(): readonly string[] {
  if (!existsSync('/proc/self/task')) return [];
  const children = readdirSync('/proc/self/task').flatMap((task) => {
    const file = `/proc/self/task/${task}/children`;
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').filter(Boolean) : [];
  });
  return children.filter((pid) => {
    const file = `/proc/${pid}/cmdline`;
    return existsSync(file) && readFileSync(file, 'utf8').includes('reencode-image-program');
  });
}

test.each<[string, () => Promise<Buffer>, Partial<ReencodingBounds>, boolean]>([
  ['too many pixels', () => plain(), { maxPixels: 100 }, true],
  ['no room for it', () => plain(1_000, 1_000), { maxBytes: 100 }, true],
  ['a slow machine', async () => interlacedPng(5_000), { timeoutMs: 1 }, false],
  ['half of it', async () => (await plain()).subarray(0, 100), {}, false],
  ['a page that says sorry', async () => Buffer.from('<html>'), {}, false],
])('whether tomorrow may be better: %s', async (_name, picture, bounds, isFinal) => {
  expect(await reencodeImage(await picture(), { ...screenshotBounds, ...bounds })).toMatchObject({ isFinal });
});

test('where the program does not start, that is no fault of the picture', async () => {
  await expect(reencodeImage(await plain(), { ...screenshotBounds, memoryMebibytes: 1 })).rejects.toThrow(
    'did not start',
  );
});
