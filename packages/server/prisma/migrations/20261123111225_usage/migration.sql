-- The usage ledger: counts outlive the store that they are counted in, and usage has a history.
-- Forward: one new table, nothing rewritten. Back: drop table "usage".

-- CreateTable
CREATE TABLE "usage" (
    "key_id" TEXT NOT NULL,
    "step" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "writer" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "accepted" BIGINT NOT NULL,
    "refused" BIGINT NOT NULL,
    "refusals" JSONB NOT NULL,

    CONSTRAINT "usage_pkey" PRIMARY KEY ("key_id","step","at","writer")
);

-- CreateIndex
CREATE INDEX "usage_workspace_id_step_at_idx" ON "usage"("workspace_id", "step", "at");

ALTER TABLE "usage" ADD CONSTRAINT "usage_step_check" CHECK ("step" IN ('minute', 'hour', 'day'));
ALTER TABLE "usage" ADD CONSTRAINT "usage_counts_check" CHECK ("accepted" >= 0 AND "refused" >= 0);
-- A row of the running minute, hour and day is written again twice a second; room on its page keeps that cheap.
ALTER TABLE "usage" SET (fillfactor = 70);
