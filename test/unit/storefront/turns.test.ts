import { createTurns } from '../../../src/storefront/turns.js';

/** Work that lasts until it is told to end. */
function work() {
  let end: () => void = () => {};
  let fail: (error: Error) => void = () => {};
  const done = new Promise<void>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  return { done, end, fail };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('so much is done at once, the rest in the order of asking, whatever fails', async () => {
  const takeTurn = createTurns(2);
  const begun: number[] = [];
  const works = [0, 1, 2, 3].map(work);
  const all = works.map(({ done }, index) =>
    takeTurn(async () => {
      begun.push(index);
      await done;
      return index;
    }),
  );
  await settled();
  expect(begun).toEqual([0, 1]);
  works[1]?.fail(new Error('broken'));
  await expect(all[1]).rejects.toThrow('broken');
  expect(begun).toEqual([0, 1, 2]);
  for (const { end } of works) end();
  expect(await Promise.all([all[0], all[2], all[3]])).toEqual([0, 2, 3]);
  expect(await takeTurn(async () => 'free again')).toBe('free again');
});
