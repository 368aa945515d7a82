/** For how long the old secret of a rotated key may go on, seconds. */
export const graces = [0, 3_600, 86_400, 604_800] as const;
