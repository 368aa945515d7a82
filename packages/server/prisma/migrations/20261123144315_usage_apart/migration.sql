-- What was counted while Redis was away is added to its counts when it is back, each call once; so it is known apart.
-- Forward: one new table, nothing rewritten. Back: drop table "usage_apart".

-- CreateTable
CREATE TABLE "usage_apart" (
    "key_id" TEXT NOT NULL,
    "step" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "writer" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "accepted" BIGINT NOT NULL,
    "refused" BIGINT NOT NULL,
    "changes" BIGINT NOT NULL,

    CONSTRAINT "usage_apart_pkey" PRIMARY KEY ("key_id","step","at","writer")
);

-- CreateIndex
CREATE INDEX "usage_apart_workspace_id_idx" ON "usage_apart"("workspace_id");

-- CreateIndex
CREATE INDEX "usage_apart_at_idx" ON "usage_apart"("at");

ALTER TABLE "usage_apart" ADD CONSTRAINT "usage_apart_step_check" CHECK ("step" IN ('minute', 'day'));
