/** Credential: the secret in an `Authorization` field, or why there is none. */
import { isSecret, type RefusalCode } from '@gatekey/shared';

export type Credential =
  | { readonly ok: true; readonly secret: string }
  | { readonly ok: false; readonly code: Extract<RefusalCode, 'key_missing' | 'key_invalid' | 'credential_ambiguous'> };

const missing: Credential = { ok: false, code: 'key_missing' };
const invalid: Credential = { ok: false, code: 'key_invalid' };
const ambiguous: Credential = { ok: false, code: 'credential_ambiguous' };

/**
 * Reads the credential, without any look-up: a wrong scheme, form or checksum ends here.
 *
 * @param fields  the values of every `Authorization` field of the request
 * @see RFC 6750 section 2.1; the scheme is case-insensitive (RFC 9110 section 11.1)
 */
export function readCredential(keyPrefix: string, fields: readonly string[]): Credential {
  if (fields.length > 1) return ambiguous;
  const field = fields[0];
  if (field === undefined || field === '') return missing;
  const space = field.indexOf(' ');
  if (space !== 6 || field.slice(0, 6).toLowerCase() !== 'bearer') return invalid;
  const secret = field.slice(7).trimStart();
  return isSecret(keyPrefix, secret) ? { ok: true, secret } : invalid;
}
