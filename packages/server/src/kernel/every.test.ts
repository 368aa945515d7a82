import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Every, every } from './every.ts';

const never = 1e8;
/** The looks that have begun; each ends when it is told how. */
let looks: PromiseWithResolvers<void>[];
let failures: unknown[];
let looking: Every;
const look = () => {
  const one = Promise.withResolvers<void>();
  looks.push(one);
  return one.promise;
};
const begin = (ms: number) => {
  looking = every(ms, look, (error) => void failures.push(error));
};
const begun = (count: number) => expect.poll(() => looks.length, { interval: 1 }).toBe(count);
beforeEach(() => {
  [looks, failures] = [[], []];
});
afterEach(async () => {
  const ended = looking.end();
  for (const one of looks) one.resolve();
  await ended;
});

describe('what is looked for every so often', () => {
  it('is looked for at once, and then again, one look at a time', async () => {
    begin(1);
    expect(looks).toHaveLength(1);
    looks[0]?.resolve();
    await begun(2);
    looks[1]?.resolve();
    await begun(3);
  });

  it('is looked for when that is asked, without waiting for the next time', async () => {
    begin(never);
    looks[0]?.resolve();
    await looks[0]?.promise;
    // What it does once a look is over is done then.
    await new Promise(setImmediate);
    looking.now();
    expect(looks).toHaveLength(2);
  });

  it('is looked for once more after a look in which that was asked, however often', async () => {
    begin(never);
    looking.now();
    looking.now();
    expect(looks).toHaveLength(1);
    looks[0]?.resolve();
    await begun(2);
    looks[1]?.resolve();
    await new Promise(setImmediate);
    expect(looks).toHaveLength(2);
  });

  it('is looked for again after a look that failed, which is told', async () => {
    begin(1);
    looks[0]?.reject('away');
    await begun(2);
    expect(failures).toEqual(['away']);
  });

  it('is looked for no more once it is ended, which waits for the last look', async () => {
    begin(1);
    looking.now();
    let isEnded = false;
    const ended = looking.end().then(() => {
      isEnded = true;
    });
    await new Promise(setImmediate);
    expect(isEnded).toBe(false);
    looks[0]?.resolve();
    await ended;
    looking.now();
    await new Promise(setImmediate);
    expect(looks).toHaveLength(1);
  });
});
