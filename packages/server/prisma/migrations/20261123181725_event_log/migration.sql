-- Why: every change is kept with who made it and from where, written in the transaction of the change.
-- Forward: a new table; changes before this are not in it.
-- Back: drop the table.

-- CreateTable
CREATE TABLE "event" (
    "id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "type" TEXT NOT NULL,
    "workspace_id" TEXT,
    "key_id" TEXT,
    "plan_id" TEXT,
    "actor_kind" TEXT NOT NULL,
    "actor_id" TEXT,
    "address" TEXT,
    "before" JSONB,
    "after" JSONB,

    CONSTRAINT "event_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "event_workspace_id_id_idx" ON "event"("workspace_id", "id" DESC);

-- CreateIndex
CREATE INDEX "event_key_id_id_idx" ON "event"("key_id", "id" DESC);
