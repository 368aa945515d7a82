/**
 * Key actions: what the menu of a key offers, and the one dialog that an action may need.
 *
 * What can be undone is done at once; what cannot asks first.
 */
import { common } from '#lib/messages/common.ts';
import { keys as words } from '#lib/messages/keys.ts';
import type { MenuItem } from '#lib/ui/Menu.svelte';
import { toasts } from '#lib/ui/toasts.svelte.ts';
import type { KeyCommands, Outcome } from './key-commands.ts';
import type { KeyList } from './key-list.svelte.ts';
import type { Key } from './keys.documents.ts';

export type KeyDialog = { readonly kind: 'rename' | 'revoke' | 'delete'; readonly key: Key };

export class KeyActions {
  /** The dialog that is open. */
  dialog: KeyDialog | null = $state.raw(null);

  readonly commands: KeyCommands;
  #list: KeyList;

  constructor(commands: KeyCommands, list: KeyList) {
    this.commands = commands;
    this.#list = list;
  }

  itemsFor(key: Key): MenuItem[] {
    const items: MenuItem[] = [{ label: words.rename, run: () => this.#open('rename', key) }];
    if (key.status === 'ACTIVE') items.push({ label: words.disable, run: () => void this.#disable(key) });
    if (key.status === 'DISABLED') items.push({ label: words.enable, run: () => void this.#enable(key) });
    if (key.status !== 'REVOKED')
      items.push({ label: words.revoke, run: () => this.#open('revoke', key), isFinal: true });
    items.push({ label: words.delete, run: () => this.#open('delete', key), isFinal: true });
    return items;
  }

  /** The id of the button that opens a key's menu; a dialog gives the focus back to it. */
  menuId(keyId: string): string {
    return `menu-${keyId}`;
  }

  close(): void {
    this.dialog = null;
  }

  async rename(key: Key, name: string): Promise<Outcome<Key>> {
    const outcome = await this.commands.rename(key.id, name);
    return this.#settle(outcome, (renamed) => this.#changed(renamed, words.renamed(renamed.name)));
  }

  async revoke(key: Key): Promise<Outcome<Key>> {
    const outcome = await this.commands.revoke(key.id);
    return this.#settle(outcome, (revoked) => this.#changed(revoked, words.revoked(key.name)));
  }

  async delete(key: Key): Promise<Outcome<string>> {
    const outcome = await this.commands.delete(key.id);
    return this.#settle(outcome, (id) => {
      this.#list.remove(id);
      toasts.show(words.deleted(key.name));
    });
  }

  #open(kind: KeyDialog['kind'], key: Key): void {
    this.dialog = { kind, key };
  }

  async #disable(key: Key): Promise<void> {
    const outcome = await this.commands.disable(key.id);
    if (!outcome.ok) return toasts.show(outcome.message);
    this.#list.put(outcome.value);
    toasts.show(words.disabled(key.name), { label: common.undo, run: () => void this.#enable(key) });
  }

  async #enable(key: Key): Promise<void> {
    const outcome = await this.commands.enable(key.id);
    if (outcome.ok) this.#changed(outcome.value, words.enabled(key.name));
    else toasts.show(outcome.message);
  }

  #changed(key: Key, text: string): void {
    this.#list.put(key);
    toasts.show(text);
  }

  /** On success the dialog closes; a no stays in it. */
  #settle<T>(outcome: Outcome<T>, onSuccess: (value: T) => void): Outcome<T> {
    if (outcome.ok) {
      this.close();
      onSuccess(outcome.value);
    }
    return outcome;
  }
}
