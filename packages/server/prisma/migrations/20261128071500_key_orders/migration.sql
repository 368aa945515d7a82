-- Why: keys are listed by name and by expiry. Upper case is no other letter there, so PostgreSQL keeps each name in lower case
-- beside. By last use there is no index: each key in use would have to change it once a minute, for a list that is seldom asked for.
-- Forward: a column, for which the table is written anew once, and two indexes; a million keys take some seconds.
-- Back: drop them.

-- AlterTable
ALTER TABLE "api_key" ADD COLUMN "name_order" TEXT NOT NULL GENERATED ALWAYS AS (lower("name")) STORED;

-- CreateIndex
CREATE INDEX "api_key_workspace_id_name_order_id_idx" ON "api_key"("workspace_id", "name_order", "id");

-- CreateIndex
CREATE INDEX "api_key_workspace_id_expires_at_id_idx" ON "api_key"("workspace_id", "expires_at", "id");
