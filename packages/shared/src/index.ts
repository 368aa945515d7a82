/** The face of `shared`: all that console and server may know of each other, beside `schema.graphql`. */
export * from './addresses.ts';
export * from './headers.ts';
export * from './headroom.ts';
export * from './ids.ts';
export * from './limits.ts';
export * from './problems.ts';
export * from './scopes.ts';
export * from './secret-format.ts';
export * from './webhooks.ts';
