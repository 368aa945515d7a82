-- Why: a client that did not hear the answer to a create says it again, and must not get a second key.
-- Forward: a new table, empty. Back: drop the table.

-- CreateTable
CREATE TABLE "key_creation" (
    "workspace_id" TEXT NOT NULL,
    "actor_kind" TEXT NOT NULL,
    "actor_id" TEXT NOT NULL,
    "idempotency_key" TEXT NOT NULL,
    "input_hash" BYTEA NOT NULL,
    "key_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "key_creation_pkey" PRIMARY KEY ("workspace_id","actor_kind","actor_id","idempotency_key"),
    CONSTRAINT "key_creation_actor_kind_check" CHECK ("actor_kind" IN ('user', 'key')),
    CONSTRAINT "key_creation_idempotency_key_check" CHECK ("idempotency_key" ~ '^[!-~]{1,255}$'),
    CONSTRAINT "key_creation_input_hash_check" CHECK (octet_length("input_hash") = 32)
);

-- CreateIndex
CREATE INDEX "key_creation_key_id_idx" ON "key_creation"("key_id");

-- CreateIndex
CREATE INDEX "key_creation_created_at_idx" ON "key_creation"("created_at");

-- AddForeignKey
ALTER TABLE "key_creation" ADD CONSTRAINT "key_creation_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "key_creation" ADD CONSTRAINT "key_creation_key_id_fkey" FOREIGN KEY ("key_id") REFERENCES "api_key"("id") ON DELETE CASCADE ON UPDATE CASCADE;
