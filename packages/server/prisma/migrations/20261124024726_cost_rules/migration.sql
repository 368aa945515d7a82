-- Why: calls of the API behind may cost more than one or nothing, need a scope, and be charged only when they succeed.
-- Forward: a new table, and a column for its entries in the event log.
-- Back: drop both; every call costs one again.

-- AlterTable
ALTER TABLE "event" ADD COLUMN     "cost_rule_id" TEXT;

-- CreateTable
CREATE TABLE "cost_rule" (
    "id" TEXT NOT NULL,
    "method" TEXT,
    "path" TEXT NOT NULL,
    "cost" INTEGER NOT NULL,
    "scope" TEXT,
    "charge" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "cost_rule_pkey" PRIMARY KEY ("id")
);

-- One rule for a method and a path, however it is written.
CREATE UNIQUE INDEX "cost_rule_method_path_key" ON "cost_rule" (coalesce("method", ''), lower("path"));
