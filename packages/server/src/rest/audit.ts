/** The audit log over REST: a page as JSON, or all of it as an export that is written while it is read. */
import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';
import type { z } from 'zod';
import type { Audit, AuditEntry, AuditFilter, AuditPage as Page } from '../audit/audit.ts';
import { done, refuseInput } from '../kernel/problem.ts';
import { type AuditFormat, auditTypes, type ExportFormat, exportFormats } from './audit-formats.ts';
import * as examples from './examples.ts';
import { type AddOperation, nothing } from './operation.ts';
import { type AuditEvent, AuditPage, ReadAudit } from './schemas.ts';

const usualPage = 20;
// What it comes as depends on the field.
const varied = { vary: 'Accept' };

/** Adds the operation on the audit log. */
export function addAudit(add: AddOperation, { audit }: { readonly audit: Audit }): void {
  add({
    method: 'GET',
    path: '/audit-events',
    id: 'auditEvents',
    tag: 'audit',
    summary: 'Read the audit log',
    description:
      'The changes in the workspace, newest first: a page of them as JSON, or all that fit as an export, `ndjson` or `csv`. ' +
      'In CSV a cell that a spreadsheet would calculate begins with an apostrophe. An export that breaks off is not whole.',
    scope: 'audit:read',
    query: ReadAudit,
    body: nothing,
    answers: {
      200: {
        description: 'A page, or the export.',
        schema: AuditPage,
        example: examples.auditPage,
        alsoAs: {
          'application/x-ndjson': exportFormats.ndjson.textOf([examples.auditEvent]),
          'text/csv': exportFormats.csv.begin + exportFormats.csv.textOf([examples.auditEvent]),
        },
        headers: ['Vary'],
      },
    },
    async handle({ request, actor, query }) {
      const { limit, cursor, format, type, actor_kind: actorKind, actor_id: actorId, key_id: keyId, ...range } = query;
      const filter: AuditFilter = { types: type, actorKind, actorId, keyId, ...range };
      const chosen = format ?? wantedFormat(request);
      if (chosen === 'json') {
        const page = await audit.page(actor, { ...filter, limit: limit ?? usualPage, after: cursor });
        return page.ok ? done({ status: 200, body: pageAnswer(page.value), headers: varied }) : page;
      }
      const errors = Object.entries({ limit, cursor }).filter(([, given]) => given !== undefined);
      if (errors.length > 0) return refuseInput(errors.map(([path]) => ({ path, message: 'An export has no pages.' })));
      const pages = audit.pages(actor, filter);
      if (!pages.ok) return pages;
      const headers = {
        ...varied,
        'content-type': exportFormats[chosen].type,
        'content-disposition': `attachment; filename="audit-events.${chosen}"`,
      };
      return done({ status: 200, body: Readable.from(written(pages.value, exportFormats[chosen])), headers });
    },
  });
}

/** The format that the client would rather have of those that there are. @see RFC 9110, 12.5.1 */
function wantedFormat({ headers }: FastifyRequest): AuditFormat {
  const type = new Negotiator({ headers }).mediaType([...auditTypes.keys()]);
  return auditTypes.get(type ?? '') ?? 'json';
}

/** The text of an export, a page at a time. */
async function* written(pages: AsyncGenerator<readonly AuditEntry[]>, { begin, textOf }: ExportFormat) {
  let start = begin;
  for await (const entries of pages) {
    yield start + textOf(entries.map(eventAnswer));
    start = '';
  }
}

function pageAnswer({ entries, next }: Page): z.infer<typeof AuditPage> {
  return { data: entries.map(eventAnswer), next_cursor: next ?? null };
}

function eventAnswer({ at, keyId, userId, endpointId, ...same }: AuditEntry): z.infer<typeof AuditEvent> {
  return { ...same, at: at.toISOString(), key_id: keyId, user_id: userId, endpoint_id: endpointId };
}
