-- Why: a list of keys by name is read by people, for whom upper case is no other letter.
-- Forward: a column that PostgreSQL makes of the name; the table is written anew once, a million keys in some seconds.
-- Back: drop it.

ALTER TABLE "api_key" ADD COLUMN "name_order" TEXT NOT NULL GENERATED ALWAYS AS (lower("name")) STORED;
