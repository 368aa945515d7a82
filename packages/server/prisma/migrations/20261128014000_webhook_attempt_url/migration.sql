-- Why: an attempt tells its whole request, and the URL of its endpoint may be another by the time somebody looks.
-- Forward: a column; of attempts before it nobody knows, and it is empty.
-- Back: drop it.

-- AlterTable
ALTER TABLE "webhook_attempt" ADD COLUMN     "url" TEXT NOT NULL DEFAULT '';
