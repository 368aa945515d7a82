/** Credential: the secret in an `Authorization` field, or why there is none. */
import { isSecret, type RefusalCode } from '@gatekey/shared';

export type Credential =
  | { readonly ok: true; readonly secret: string }
  | { readonly ok: false; readonly code: Extract<RefusalCode, 'key_missing' | 'key_invalid' | 'credential_ambiguous'> };

const missing: Credential = { ok: false, code: 'key_missing' };
const invalid: Credential = { ok: false, code: 'key_invalid' };
/** Spaces are spaces: no tab, and none of what Unicode calls white. After the last one begins the secret. */
const bearer = /^bearer +[!-~]+$/i;
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
  if (!bearer.test(field)) return invalid;
  // Looked at in its place: in a piece of a text each character costs more to read.
  const start = field.lastIndexOf(' ') + 1;
  return isSecret(keyPrefix, field, start) ? { ok: true, secret: field.slice(start) } : invalid;
}
