import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { allowsLoopback, type Receiver, startReceiver } from '../../test/receiver.ts';
import { problemIn, type Rest, type RestAnswer, restWith } from '../../test/rest.ts';

let app: TestApp;
let ada: Browser;
let rest: Rest;
let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver((_received, response) => response.end('thanks'));
  app = await testApp({ env: allowsLoopback });
  ada = await app.signUp();
  rest = restWith(app, (await ada.createKey({ scopes: ['webhooks:read', 'webhooks:write'] })).secret);
});
afterAll(async () => {
  await app.stop();
  await receiver.stop();
});

const Endpoint = z.looseObject({ id: z.string(), url: z.string(), secret: z.string().optional() });
const Delivery = z.looseObject({ id: z.string(), state: z.string(), attempts: z.array(z.looseObject({})) });
const pageOf = <T extends z.ZodType>(row: T) => z.object({ data: z.array(row), next_cursor: z.string().nullable() });
const endpointIn = ({ body }: RestAnswer) => Endpoint.parse(body);

describe('an endpoint over REST', () => {
  it('is made, read, changed, rotated and deleted', async () => {
    const made = await rest('POST', '/webhooks', { url: receiver.url, events: ['key.revoked'] });
    expect(made.status).toBe(201);
    expect(made.headers.get('cache-control')).toBe('no-store');
    const { id, secret } = endpointIn(made);
    expect(made.headers.get('location')).toBe(`/api/v1/webhooks/${id}`);
    expect(secret).toMatch(/^whsec_[0-9A-Za-z+/]{43}=$/);
    const read = endpointIn(await rest('GET', `/webhooks/${id}`));
    expect(read).toMatchObject({ url: receiver.url, events: ['key.revoked'], disabled_at: null });
    expect(read).not.toHaveProperty('secret');
    const changed = await rest('PATCH', `/webhooks/${id}`, { description: 'On call', enabled: false });
    expect(changed.body).toMatchObject({ description: 'On call', disabled_reason: 'asked', events: ['key.revoked'] });
    const rotated = endpointIn(await rest('POST', `/webhooks/${id}/rotate`));
    expect(rotated.secret).not.toBe(secret);
    expect(rotated.previous_secret_ends_at).toEqual(expect.any(String));
    expect((await rest('DELETE', `/webhooks/${id}`)).status).toBe(204);
    expect(problemIn(await rest('GET', `/webhooks/${id}`))).toEqual({ status: 404, code: 'not_found' });
  });

  it('is made once by a create that is said again', async () => {
    const body = { url: receiver.url, events: ['key.expired'] };
    const create = (more = {}) => rest('POST', '/webhooks', { ...body, ...more }, { 'idempotency-key': 'again' });
    const { id } = endpointIn(await create());
    const again = await create();
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
    expect(endpointIn(again)).toMatchObject({ id });
    expect(endpointIn(again).secret).toBeUndefined();
    expect(problemIn(await create({ description: 'Other' }))).toEqual({ status: 409, code: 'conflict' });
    await rest('DELETE', `/webhooks/${id}`);
  });

  it('is refused with the fields that are wrong', async () => {
    const refused = await rest('POST', '/webhooks', { url: 'http://10.0.0.1/', events: ['key.made'], other: 1 });
    expect(problemIn(refused)).toEqual({ status: 422, code: 'invalid_input', paths: ['events.0', 'other'] });
    const inside = await rest('POST', '/webhooks', { url: 'http://10.0.0.1/' });
    expect(problemIn(inside)).toEqual({ status: 422, code: 'invalid_input', paths: ['url'] });
  });

  it('is listed a page at a time, each once', async () => {
    for (let one = 0; one < 3; one++) await rest('POST', '/webhooks', { url: `${receiver.url}${one}` });
    const seen: string[] = [];
    let cursor: string | null = '';
    do {
      const page = await rest('GET', `/webhooks?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      const { data, next_cursor } = pageOf(Endpoint).parse(page.body);
      seen.push(...data.map(({ url }) => url));
      cursor = next_cursor;
    } while (cursor !== null);
    expect(seen).toEqual([2, 1, 0].map((one) => `${receiver.url}${one}`));
    expect(problemIn(await rest('GET', '/webhooks?cursor=nonsense')).status).toBe(422);
  });
});

describe('a delivery over REST', () => {
  it('is made by a test, told with its answer, and sent again', async () => {
    const { id } = endpointIn(await rest('POST', '/webhooks', { url: `${receiver.url}tested` }));
    const made = Delivery.parse((await rest('POST', `/webhooks/${id}/test`)).body);
    const read = async () => Delivery.parse((await rest('GET', `/deliveries/${made.id}`)).body);
    await expect.poll(async () => (await read()).state).toBe('delivered');
    expect((await read()).attempts).toMatchObject([
      { status: 200, response: 'thanks', summary: expect.stringMatching(/^200 in \d+ ms$/) },
    ]);
    await rest('POST', `/deliveries/${made.id}/redeliver`);
    await expect.poll(async () => (await read()).attempts.length).toBe(2);
    const listed = pageOf(Delivery).parse((await rest('GET', `/webhooks/${id}/deliveries?state=delivered`)).body);
    expect(listed.data.map((one) => one.id)).toEqual([made.id]);
    expect(listed.data[0]?.attempts[0]).not.toHaveProperty('response');
    const recovered = await rest('POST', `/webhooks/${id}/recover`, { since: '2026-01-01T00:00:00Z' });
    expect(recovered.body).toEqual({ count: 0 });
  });
});
