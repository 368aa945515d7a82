-- The running minute alone is written every 800 ms; a writer's hour and day hold the minutes that are closed. Writing all
-- three each time cost three times as much.
-- Forward: one column with a constant default, nothing rewritten; rows of before are closed, as their hours and days
-- hold them. Back: add open minutes to their hours and days, drop the column.

-- AlterTable
ALTER TABLE "usage" ADD COLUMN     "is_open" BOOLEAN NOT NULL DEFAULT false;

ALTER TABLE "usage" ADD CONSTRAINT "usage_open_check" CHECK (NOT "is_open" OR "step" = 'minute');
-- Few: minutes that run, and the last ones of processes that were killed.
CREATE INDEX "usage_open" ON "usage" ("workspace_id") WHERE "is_open";
