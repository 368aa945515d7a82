/**
 * Key actions: what the menu of a key offers, and the one dialog that an action may need.
 *
 * What can be undone is done at once; what cannot asks first.
 */

import type { Outcome } from '#lib/live/outcome.ts';
import type { MenuItem } from '#lib/ui/Menu.svelte';
import { toasts } from '#lib/ui/toasts.svelte.ts';
import { m } from '#messages';
import type { Issued, KeyCommands } from './key-commands.ts';
import type { KeySettings } from './key-draft.ts';
import type { Key } from './keys.documents.ts';

export type KeyDialog = {
  readonly kind: 'edit' | 'rotate' | 'endOverlap' | 'revoke' | 'delete';
  readonly key: Key;
};

/** Where the page keeps its keys. */
export interface KeyShelf {
  /** Before a command, for `put`. */
  mark(): number;
  /** Takes a key as the answer to a command told it, unless something newer came since the mark. */
  put(key: Key, mark: number): void;
  remove(id: string): void;
}

export class KeyActions {
  /** The dialog that is open. */
  dialog: KeyDialog | null = $state.raw(null);

  readonly commands: KeyCommands;
  #shelf: KeyShelf;

  constructor(commands: KeyCommands, shelf: KeyShelf) {
    this.commands = commands;
    this.#shelf = shelf;
  }

  itemsFor(key: Key): MenuItem[] {
    const items: MenuItem[] = [{ label: m.keys_edit(), run: () => this.open('edit', key) }];
    if (key.status !== 'REVOKED') items.push({ label: m.keys_rotate_more(), run: () => this.open('rotate', key) });
    if (key.previousSecret !== null)
      items.push({ label: m.keys_end_overlap_more(), run: () => this.open('endOverlap', key) });
    if (key.status === 'ACTIVE') items.push({ label: m.keys_disable(), run: () => void this.disable(key) });
    if (key.status === 'DISABLED') items.push({ label: m.keys_enable(), run: () => void this.enable(key) });
    if (key.status !== 'REVOKED')
      items.push({ label: m.keys_revoke_more(), run: () => this.open('revoke', key), isFinal: true });
    items.push({ label: m.keys_delete_more(), run: () => this.open('delete', key), isFinal: true });
    return items;
  }

  /** The id of the button that opens a key's menu; a dialog gives the focus back to it. */
  menuId(keyId: string): string {
    return `menu-${keyId}`;
  }

  close(): void {
    this.dialog = null;
  }

  async update(key: Key, changes: Partial<KeySettings>): Promise<Outcome<Key>> {
    const mark = this.#shelf.mark();
    const outcome = await this.commands.update(key.id, changes);
    return this.#settle(outcome, (changed) => this.#changed(changed, mark, m.keys_changed({ name: changed.name })));
  }

  /** The dialog stays: it shows the secret. */
  async rotate(key: Key, graceSeconds: number): Promise<Outcome<Issued>> {
    const mark = this.#shelf.mark();
    const outcome = await this.commands.rotate(key.id, graceSeconds);
    if (outcome.ok) this.#shelf.put(outcome.value.key, mark);
    return outcome;
  }

  async endOverlap(key: Key): Promise<Outcome<Key>> {
    const mark = this.#shelf.mark();
    const outcome = await this.commands.endOverlap(key.id);
    return this.#settle(outcome, (changed) => this.#changed(changed, mark, m.keys_overlap_ended({ name: key.name })));
  }

  async revoke(key: Key): Promise<Outcome<Key>> {
    const mark = this.#shelf.mark();
    const outcome = await this.commands.revoke(key.id);
    return this.#settle(outcome, (revoked) => this.#changed(revoked, mark, m.keys_revoked({ name: key.name })));
  }

  async delete(key: Key): Promise<Outcome<string>> {
    const outcome = await this.commands.delete(key.id);
    return this.#settle(outcome, (id) => {
      this.#shelf.remove(id);
      toasts.show(m.keys_deleted({ name: key.name }));
    });
  }

  open(kind: KeyDialog['kind'], key: Key): void {
    this.dialog = { kind, key };
  }

  async disable(key: Key): Promise<void> {
    const mark = this.#shelf.mark();
    const outcome = await this.commands.disable(key.id);
    if (!outcome.ok) return toasts.show(outcome.message);
    this.#shelf.put(outcome.value, mark);
    toasts.show(m.keys_disabled({ name: key.name }), { label: m.common_undo(), run: () => void this.enable(key) });
  }

  async enable(key: Key): Promise<void> {
    const mark = this.#shelf.mark();
    const outcome = await this.commands.enable(key.id);
    if (outcome.ok) this.#changed(outcome.value, mark, m.keys_enabled({ name: key.name }));
    else toasts.show(outcome.message);
  }

  #changed(key: Key, mark: number, text: string): void {
    this.#shelf.put(key, mark);
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
