/** Hooks: what happens before the first page is drawn. */
import '#lib/ui/language.ts';
