-- Why: a person is mailed a bounded number of times a day over all workspaces, or several workspaces flood one inbox. To whom
-- a mail is lies sealed, so it is counted by a mark.
-- Forward: a new column, nothing rewritten, and its index; mails of before are not counted for the day they are kept.
-- Back: drop the column.

-- AlterTable
ALTER TABLE "mail" ADD COLUMN "recipient" TEXT;

-- CreateIndex
CREATE INDEX "mail_recipient_created_at_idx" ON "mail"("recipient", "created_at");
