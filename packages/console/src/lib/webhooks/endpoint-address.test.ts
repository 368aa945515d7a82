import { describe, expect, it } from 'vitest';
import { type EndpointPlace, endpointPath, placeFrom } from './endpoint-address.ts';

const nothing: EndpointPlace = { state: null, type: null, deliveryId: null, dialog: null };

describe('the address of an endpoint', () => {
  it.each<[string, Partial<EndpointPlace>]>([
    ['', {}],
    ['?status=failed', { state: 'FAILED' }],
    ['?status=pending&type=key.revoked', { state: 'PENDING', type: 'key.revoked' }],
    ['?type=webhook.test&delivery=msg_1', { type: 'webhook.test', deliveryId: 'msg_1' }],
    ['?do=rotate', { dialog: 'rotate' }],
  ])('%s says what is shown, there and back', (query, place) => {
    expect(placeFrom(new URLSearchParams(query))).toEqual({ ...nothing, ...place });
    expect(endpointPath('whe_1', place)).toBe(`/security/webhooks/whe_1${query}`);
  });

  it.each(['?status=lost', '?type=key.eaten', '?do=explode'])('%s is wrong, and asks for nothing', (query) => {
    expect(placeFrom(new URLSearchParams(query))).toEqual(nothing);
  });
});
