/** Web requests: a Fastify request in the standard's shape, for libraries that speak it. */
import type { FastifyRequest } from 'fastify';

/** The header fields of a request; repeated ones are joined as the standard says. */
export function webHeaders(request: FastifyRequest): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (Array.isArray(value)) for (const one of value) headers.append(name, one);
    else if (value !== undefined) headers.set(name, value);
  }
  return headers;
}

/**
 * The request with its body, which was read as text before.
 *
 * @param origin  scheme and host that the request is taken to be for, whatever its `Host` or its target says
 */
export function webRequest(request: FastifyRequest, origin: string, headers: Headers): Request {
  const body = typeof request.body === 'string' ? request.body : null;
  // A target in absolute form names a host of its own.
  const { pathname, search } = new URL(request.url, origin);
  return new Request(origin + pathname + search, { method: request.method, headers, body });
}
