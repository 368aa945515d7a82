/**
 * Messages: every visible word of the console, one file a room, as texts and typed functions.
 *
 * Nothing else in `src` holds a sentence, so a translation library replaces these files and touches nothing more.
 */

export const common = {
  product: 'Gatekey',
  navigation: 'Main',
  overview: 'Overview',
  keys: 'API keys',
  notifications: 'Notifications',
  close: 'Close',
  cancel: 'Cancel',
  retry: 'Retry',
  undo: 'Undo',
  copy: 'Copy',
  copied: 'Copied',
  pressCopy: 'Selected. Press Ctrl+C',
  loading: 'Loading…',
  unreachable: 'The server cannot be reached. Nothing was lost; try again in a moment.',
  unexpected: 'The server could not answer. Its log has the details.',
  notFound: 'There is nothing at this address.',
  pageFailed: 'This page could not be opened.',
  toOverview: 'Go to the overview',
};
