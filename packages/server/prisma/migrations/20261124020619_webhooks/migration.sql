-- Why: workspaces have endpoints that are told of events; a delivery is written in the transaction of its event, an attempt
-- before it is sent, so that whatever dies, nothing is forgotten.
-- Forward: three new tables, and a column of the log that no older entry needs.
-- Back: drop webhook_attempt, webhook_delivery and webhook_endpoint in this order, and event.endpoint_id.

-- AlterTable
ALTER TABLE "event" ADD COLUMN     "endpoint_id" TEXT;

-- CreateTable
CREATE TABLE "webhook_endpoint" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "events" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "secret" BYTEA NOT NULL,
    "previous_secret" BYTEA,
    "previous_secret_ends_at" TIMESTAMPTZ(3),
    "disabled_at" TIMESTAMPTZ(3),
    "disabled_reason" TEXT,
    "failing_since" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by_id" TEXT NOT NULL,
    "idempotency_key" TEXT,
    "input_hash" BYTEA,

    CONSTRAINT "webhook_endpoint_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_delivery" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "endpoint_id" TEXT NOT NULL,
    "event_id" TEXT,
    "type" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "due_at" TIMESTAMPTZ(3),
    "leased_until" TIMESTAMPTZ(3),
    "attempt_id" TEXT,

    CONSTRAINT "webhook_delivery_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_attempt" (
    "id" TEXT NOT NULL,
    "delivery_id" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3),
    "status" INTEGER,
    "duration_ms" INTEGER,
    "fault" TEXT,
    "response" TEXT,

    CONSTRAINT "webhook_attempt_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "webhook_endpoint_workspace_id_id_idx" ON "webhook_endpoint"("workspace_id", "id" DESC);

-- CreateIndex
CREATE INDEX "webhook_delivery_endpoint_id_id_idx" ON "webhook_delivery"("endpoint_id", "id" DESC);

-- CreateIndex
CREATE INDEX "webhook_delivery_created_at_idx" ON "webhook_delivery"("created_at");

-- CreateIndex
CREATE INDEX "webhook_attempt_delivery_id_id_idx" ON "webhook_attempt"("delivery_id", "id" DESC);

-- AddForeignKey
ALTER TABLE "webhook_endpoint" ADD CONSTRAINT "webhook_endpoint_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_delivery" ADD CONSTRAINT "webhook_delivery_endpoint_id_fkey" FOREIGN KEY ("endpoint_id") REFERENCES "webhook_endpoint"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_attempt" ADD CONSTRAINT "webhook_attempt_delivery_id_fkey" FOREIGN KEY ("delivery_id") REFERENCES "webhook_delivery"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What is still to be sent, by endpoint: the first of each is found without reading those behind it.
CREATE INDEX "webhook_delivery_due" ON "webhook_delivery" ("endpoint_id", "due_at", "id") WHERE "due_at" IS NOT NULL;
-- Whether anything is due at all, which every server asks all the time.
CREATE INDEX "webhook_delivery_next" ON "webhook_delivery" ("due_at") WHERE "due_at" IS NOT NULL;
-- What is being sent.
CREATE INDEX "webhook_delivery_leased" ON "webhook_delivery" ("leased_until") WHERE "leased_until" IS NOT NULL;

ALTER TABLE "webhook_endpoint"
  ADD CHECK ("disabled_reason" IN ('asked', 'gone', 'failing')),
  ADD CHECK (("disabled_at" IS NULL) = ("disabled_reason" IS NULL)),
  ADD CHECK (("previous_secret" IS NULL) = ("previous_secret_ends_at" IS NULL));
ALTER TABLE "webhook_delivery"
  ADD CHECK ("state" IN ('pending', 'delivered', 'failed')),
  ADD CHECK (("leased_until" IS NULL) = ("attempt_id" IS NULL)),
  ADD CHECK ("state" <> 'delivered' OR "due_at" IS NULL);
