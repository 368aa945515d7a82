import { expect, it } from 'vitest';
import { byTurn } from './by-turn.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

it('what comes in one turn is handled together, in its order, and what comes later is handled later', async () => {
  const handled: (readonly number[])[] = [];
  const take = byTurn<number>((all) => handled.push(all));
  take(1);
  await Promise.resolve().then(() => take(2));
  take(3);
  expect(handled).toEqual([]);
  await turn();
  expect(handled).toEqual([[1, 2, 3]]);
  take(4);
  await turn();
  await turn();
  expect(handled).toEqual([[1, 2, 3], [4]]);
});

it('what comes while others are handled is handled in the next turn', async () => {
  const handled: (readonly string[])[] = [];
  const take = byTurn<string>((all) => {
    handled.push(all);
    if (all.includes('first')) take('brought by it');
  });
  take('first');
  await turn();
  expect(handled).toEqual([['first']]);
  await turn();
  expect(handled).toEqual([['first'], ['brought by it']]);
});
