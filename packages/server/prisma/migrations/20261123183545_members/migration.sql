-- Why: members join by a link, of which the hash is kept; changes of members are told with whom they are about.
-- Forward: two new columns; there was no way to make an invitation before, so none needs a hash.
-- Back: drop the two columns.

-- AlterTable
ALTER TABLE "event" ADD COLUMN     "user_id" TEXT;

-- AlterTable
ALTER TABLE "invitation" ADD COLUMN     "token_hash" BYTEA NOT NULL;

-- CreateIndex
CREATE UNIQUE INDEX "invitation_token_hash_key" ON "invitation"("token_hash");
