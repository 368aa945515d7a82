-- Why: after a rotation the key shows whether its old secret is still in use, so each secret has a last use of its own.
-- Forward: two new columns; a key has had one secret until now, so that secret's last use is the key's.
-- Back: drop the two columns and the index "key_secret_one_previous".

-- AlterTable
ALTER TABLE "key_secret" ADD COLUMN     "last_used_at" TIMESTAMPTZ(3),
ADD COLUMN     "last_used_ip" TEXT;

UPDATE "key_secret" SET "last_used_at" = k."last_used_at", "last_used_ip" = k."last_used_ip"
FROM "api_key" k WHERE k."id" = "key_secret"."key_id" AND k."last_used_at" IS NOT NULL;

-- A key has at most one secret on its way out: with the current one, two.
CREATE UNIQUE INDEX "key_secret_one_previous" ON "key_secret" ("key_id") WHERE "ends_at" IS NOT NULL;
