-- Why: servers find by it what was changed lately and no message told them; the clock of one of them would not do.
-- Forward: a column with the database's time, which entries that are there get as of now, and an index on it.
-- Back: drop both.

-- AlterTable
ALTER TABLE "event" ADD COLUMN     "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now();

-- CreateIndex
CREATE INDEX "event_recorded_at_idx" ON "event"("recorded_at");
