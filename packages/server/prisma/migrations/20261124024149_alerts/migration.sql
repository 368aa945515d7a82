-- Why: an alert is told once, however many servers notice it: who writes its row tells it. Keys are looked for by expiry.
-- Forward: a new table and an index.
-- Back: drop both.

-- CreateTable
CREATE TABLE "alert" (
    "subject_id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "alert_pkey" PRIMARY KEY ("subject_id","type","at")
);

-- CreateIndex
CREATE INDEX "alert_created_at_idx" ON "alert"("created_at");

-- CreateIndex
CREATE INDEX "api_key_expires_at_idx" ON "api_key"("expires_at");
