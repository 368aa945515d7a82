/** The policy that both documents of the console have in their heads: nothing runs or is drawn but what is ours. */
export const policy = {
  'default-src': ['self'],
  'script-src': ['self'],
  'style-src': ['self'],
  'img-src': ['self', 'data:'],
  'font-src': ['self'],
  'connect-src': ['self'],
  'object-src': ['none'],
  'base-uri': ['none'],
  'form-action': ['self'],
} satisfies Record<string, ('self' | 'none' | 'data:')[]>;
