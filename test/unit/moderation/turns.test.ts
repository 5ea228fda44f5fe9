import { setImmediate as settled } from 'node:timers/promises';
import { createTurns, type TurnBounds } from '../../../src/moderation/turns.js';

/** Work that ends when it is told to, and the names of what has begun, in order. */
function desk(bounds: TurnBounds) {
  const turns = createTurns(bounds);
  const begun: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const come = (accountId: number, name: string): Promise<string> =>
    turns.take(accountId, () => {
      begun.push(name);
      return new Promise((resolve, reject) =>
        ends.set(name, (error) => (error === undefined ? resolve(name) : reject(error))),
      );
    });
  const end = async (name: string, error?: Error): Promise<void> => {
    ends.get(name)?.(error);
    await settled();
  };
  return { come, end, begun };
}

test('no account has more than its share at once, and the others have the rest', () => {
  const { come, begun } = desk({ atOnce: 4, perAccount: 2, waitingPerAccount: 5 });
  for (const name of ['a1', 'a2', 'a3']) void come(1, name);
  for (const name of ['b1', 'b2', 'b3']) void come(2, name);
  void come(3, 'c1');
  expect(begun).toEqual(['a1', 'a2', 'b1', 'b2']);
});

test('who has nothing under way is next, though others came before', async () => {
  const { come, end, begun } = desk({ atOnce: 2, perAccount: 2, waitingPerAccount: 5 });
  for (const name of ['a1', 'a2', 'a3', 'a4']) void come(1, name);
  void come(2, 'b1');
  void come(3, 'c1');
  await end('a1');
  await end('b1');
  expect(begun.slice(2)).toEqual(['b1', 'c1']);
  await end('c1');
  expect(begun.at(-1)).toBe('a3');
});

test('where an account is at its bound, one that came after it is next', async () => {
  const { come, end, begun } = desk({ atOnce: 3, perAccount: 2, waitingPerAccount: 5 });
  for (const name of ['a1', 'a2', 'a3']) void come(1, name);
  for (const name of ['b1', 'b2']) void come(2, name);
  expect(begun).toEqual(['a1', 'a2', 'b1']);
  await end('b1');
  expect(begun.at(-1)).toBe('b2');
});

test('what is too much for an account is refused to it alone, and no longer when something is done', async () => {
  const { come, end, begun } = desk({ atOnce: 9, perAccount: 1, waitingPerAccount: 1 });
  void come(1, 'a1');
  void come(1, 'a2');
  await expect(come(1, 'a3')).rejects.toMatchObject({ code: 'TOO_MANY_OPEN' });
  void come(2, 'b1');
  await end('a1');
  void come(1, 'a4');
  await end('a2');
  expect(begun).toEqual(['a1', 'b1', 'a2', 'a4']);
});

test('what fails gives its turn on, too', async () => {
  const { come, end, begun } = desk({ atOnce: 1, perAccount: 1, waitingPerAccount: 3 });
  const failed = expect(come(1, 'a1')).rejects.toThrow('broken');
  const next = come(1, 'a2');
  await end('a1', new Error('broken'));
  await failed;
  await end('a2');
  await expect(next).resolves.toBe('a2');
  expect(begun).toEqual(['a1', 'a2']);
});
