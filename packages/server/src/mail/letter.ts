/**
 * Letter: what a mail says. Pure.
 *
 * Names that people gave stand in one line and are cut, so that none can pass for a part of the mail that is ours.
 */
import { z } from 'zod';

/** What is said to whom. */
export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}
type Words = Omit<Letter, 'to'>;

/** What an alert is about. */
export interface Scene {
  readonly workspace: string;
  /** null = the whole workspace. */
  readonly key: { readonly id: string; readonly name: string; readonly hint: string } | null;
  /** Where people open the console. */
  readonly consoleUrl: string;
}

const Usage = z.object({
  window: z.enum(['day', 'month']),
  threshold: z.number(),
  used: z.number(),
  limit: z.number(),
  resetsAt: z.date(),
});
const Expiring = z.object({ expiresAt: z.date(), days: z.number() });
const Expired = z.object({ expiresAt: z.date() });

type Say = (facts: unknown, scene: Scene) => Words;
const alerts: Readonly<Record<string, Say>> = {
  'usage.threshold': sayUsage,
  'usage.exceeded': sayUsage,
  'key.expiring': (facts, scene) => {
    const { expiresAt, days } = Expiring.parse(facts);
    const within = days === 1 ? 'within a day' : `within ${days} days`;
    return alertWords(scene, `${subjectOf(scene)} expires ${within}`, [
      `${nameOf(scene)} expires at ${timeOf(expiresAt)}, ${within}. From then on its calls are refused with status 401.`,
      'If it is still needed, give it a later end, or put another key in its place.',
    ]);
  },
  'key.expired': (facts, scene) => {
    const { expiresAt } = Expired.parse(facts);
    return alertWords(scene, `${subjectOf(scene)} has expired`, [
      `${nameOf(scene)} has expired at ${timeOf(expiresAt)}. Its calls are refused with status 401.`,
      'If it is still needed, give it a later end.',
    ]);
  },
};

/** Whether alerts of this type go by mail. */
export function isMailed(type: string): boolean {
  return Object.hasOwn(alerts, type);
}

/** What is said of an alert. @param facts  as they stand in its entry of the log */
export function alertLetter(type: string, facts: unknown, scene: Scene): Words | undefined {
  return alerts[type]?.(facts, scene);
}

/** An invitation, as it is told to whom it is for. */
export interface Invitation {
  readonly email: string;
  readonly role: string;
  /** What the link carries. */
  readonly token: string;
  readonly expiresAt: Date;
}

/** What is said to who is invited. */
export function invitationLetter(
  { email, role, token, expiresAt }: Invitation,
  scene: { readonly inviter: string; readonly workspace: string; readonly consoleUrl: string },
): Words {
  const [inviter, workspace] = [oneLine(scene.inviter), oneLine(scene.workspace)];
  const article = /^[aeiou]/.test(role) ? 'an' : 'a';
  return {
    subject: `${inviter} invites you to ${workspace} on Gatekey`,
    text: paragraphs([
      `${inviter} invites you to join the workspace “${workspace}” on Gatekey as ${article} ${role}.`,
      `Open this link to join:\n${scene.consoleUrl}/join#${token}`,
      `It lets one person in, with an account of the address ${email}, until ${timeOf(expiresAt)}. Keep it to yourself.`,
      'If you did not expect it, leave it be: nothing happens then.',
    ]),
  };
}

function sayUsage(facts: unknown, scene: Scene): Words {
  const { window, threshold, used, limit, resetsAt } = Usage.parse(facts);
  const named = window === 'day' ? 'daily limit' : 'monthly limit';
  const isSpent = threshold === 100;
  return alertWords(
    scene,
    `${subjectOf(scene)} has ${isSpent ? 'reached its' : `used ${threshold} % of its`} ${named}`,
    [
      `${nameOf(scene)} has used ${count(used)} of the ${count(limit)} calls of its ${named}.`,
      isSpent
        ? `Its calls are refused with status 429 until ${timeOf(resetsAt)}.`
        : `Calls beyond the limit are refused with status 429. A new ${window} begins at ${timeOf(resetsAt)}.`,
    ],
  );
}

function alertWords(scene: Scene, subject: string, said: readonly string[]): Words {
  const { key, consoleUrl, workspace } = scene;
  const footer = `You are told this as an owner or admin of “${oneLine(workspace)}” on Gatekey.`;
  return { subject, text: paragraphs([...said, `${consoleUrl}${key === null ? '/' : `/keys/${key.id}`}`, footer]) };
}

const subjectOf = ({ key, workspace }: Scene) => oneLine(key?.name ?? workspace);

function nameOf({ key, workspace }: Scene): string {
  const place = `workspace “${oneLine(workspace)}”`;
  return key === null ? `The ${place}` : `The key “${oneLine(key.name)}” (${key.hint}) of the ${place}`;
}

const longestName = 60;

/** A name as it may stand in a subject and a sentence: without line ends, other controls, or turns of direction. */
function oneLine(name: string): string {
  const line = name.replace(/[\s\p{Cc}\p{Cs}\p{Bidi_Control}]+/gu, ' ').trim();
  // Mail programs make links of what looks like one, and of names that people gave they are to make none.
  const clean = line.replace(/:\/\//g, ': ').replace(/\b(www)\./gi, '$1 ');
  const characters = [...clean];
  return characters.length > longestName ? `${characters.slice(0, longestName - 1).join('')}…` : clean;
}

const paragraphs = (parts: readonly string[]) => `${parts.join('\n\n')}\n`;
const count = (value: number) => value.toLocaleString('en');
/** As `2026-05-12 00:00 UTC`. */
const timeOf = (at: Date) => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
