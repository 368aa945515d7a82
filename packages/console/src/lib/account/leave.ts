/** Leave: signs out, and says so where it did not work. */
import { toasts } from '#lib/ui/toasts.svelte.ts';
import { signOut } from './auth.ts';

/** @param onsignedout  where to go on */
export async function leave(onsignedout: () => void): Promise<void> {
  const answer = await signOut();
  if (answer.ok) onsignedout();
  else toasts.show(answer.message);
}
