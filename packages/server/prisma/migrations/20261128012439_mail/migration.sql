-- Why: alerts and invitations go by e-mail, too. A mail is written in the transaction of what it tells of, so that whatever
-- dies, it is sent; who takes it says until when, so that two servers send it once.
-- Forward: a new table.
-- Back: drop it; what was still to be sent is not.

-- CreateTable
CREATE TABLE "mail" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "invitation_id" TEXT,
    "sealed" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "due_at" TIMESTAMPTZ(3),

    CONSTRAINT "mail_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "mail_workspace_id_created_at_idx" ON "mail"("workspace_id", "created_at");

-- AddForeignKey
ALTER TABLE "mail" ADD CONSTRAINT "mail_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What is still to be sent, which every server asks all the time.
CREATE INDEX "mail_due" ON "mail" ("due_at", "id") WHERE "due_at" IS NOT NULL;

-- What is over holds nothing any more, a link above all.
ALTER TABLE "mail" ADD CHECK (("due_at" IS NULL) = (octet_length("sealed") = 0));
