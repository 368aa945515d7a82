/**
 * Identity: who a call is of, signed, for an upstream that does not want to trust its network.
 *
 * A JWT, signed with Ed25519, good for 60 s. The key pair is derived from AUTH_SECRET: every server of an instance has
 * the same one, a restart changes nothing, and nothing is stored. A new AUTH_SECRET is a new pair, under a new `kid`.
 *
 * @see RFC 7519, RFC 8037, RFC 7638
 */
import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { calculateJwkThumbprint, exportJWK, type JWK, SignJWT } from 'jose';
import type { Clock } from '../kernel/clock.ts';
import type { KnownKey } from '../keys/lookup.ts';

/** What a token says of a key. */
export interface Identity {
  /** The token for calls of a key. */
  of(key: KnownKey): Promise<string>;
  /** What tokens are checked with. */
  readonly keySet: { readonly keys: readonly JWK[] };
}

const lifeMs = 60_000;
/** A token is used again for half of its life, ms: signing costs as much as the rest of the guard. */
const usedMs = 30_000;

/** The head of a PKCS #8 document that holds an Ed25519 seed of 32 bytes. @see RFC 8410 section 7 */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');

interface Needs {
  /** AUTH_SECRET. */
  readonly secret: string;
  readonly issuer: string;
  readonly audience: string;
  readonly clock: Clock;
}

/** Derives the key pair. */
export async function createIdentity({ secret, issuer, audience, clock }: Needs): Promise<Identity> {
  const privateKey = derive(secret);
  const jwk = await exportJWK(createPublicKey(privateKey));
  const kid = await calculateJwkThumbprint(jwk);
  const made = new WeakMap<KnownKey, { readonly token: Promise<string>; readonly until: number }>();

  const sign = ({ id, workspaceId, scopes }: KnownKey, now: number) =>
    new SignJWT({ workspace: workspaceId, scope: scopes.join(' ') })
      .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'JWT' })
      .setIssuer(issuer)
      .setSubject(id)
      .setAudience(audience)
      .setIssuedAt(new Date(now))
      .setExpirationTime(new Date(now + lifeMs))
      .sign(privateKey);

  return {
    of(key) {
      const now = clock.now();
      const last = made.get(key);
      if (last !== undefined && now < last.until) return last.token;
      const token = sign(key, now);
      made.set(key, { token, until: now + usedMs });
      return token;
    },
    keySet: { keys: [{ ...jwk, kid, alg: 'EdDSA', use: 'sig' }] },
  };
}

/** Adds `/.well-known/jwks.json`. */
export function addKeySet(app: FastifyInstance, { keySet }: Identity): void {
  app.get('/.well-known/jwks.json', (_request, reply) =>
    reply.type('application/jwk-set+json').header('cache-control', 'public, max-age=300').send(JSON.stringify(keySet)),
  );
}

function derive(secret: string): KeyObject {
  const seed = Buffer.from(hkdfSync('sha256', secret, '', 'gatekey identity, Ed25519', 32));
  return createPrivateKey({ key: Buffer.concat([pkcs8Head, seed]), format: 'der', type: 'pkcs8' });
}

/** The fields that tell an upstream whose call it is. A client can set none of them. */
export async function identityFields(identity: Identity, key: KnownKey, requestId: string) {
  return {
    'gatekey-key-id': key.id,
    'gatekey-workspace-id': key.workspaceId,
    'gatekey-scopes': key.scopes.join(' '),
    'gatekey-request-id': requestId,
    'gatekey-identity': await identity.of(key),
  };
}
