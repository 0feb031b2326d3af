//! The tables of the PostgreSQL store, in a schema of their own.

/// The version of the tables.
pub(super) const STORE_FORMAT: i32 = 1;

/// Whether the tables are there. The catalogue is asked, so that a user who may not make tables can
/// still use them.
pub(super) const PRESENT: &str = "SELECT to_regclass('upshift.store') IS NOT NULL";

/// Made in one transaction; two processes that find an empty database take turns by the lock.
pub(super) const MAKE: &str = "
    BEGIN;
    SELECT pg_advisory_xact_lock(7521962890171924321);
    CREATE SCHEMA IF NOT EXISTS upshift;
    CREATE TABLE IF NOT EXISTS upshift.store (
        one    boolean PRIMARY KEY DEFAULT true CHECK (one),
        format integer NOT NULL
    );
    CREATE TABLE IF NOT EXISTS upshift.runs (
        run         text PRIMARY KEY,
        system      text NOT NULL,
        open        boolean NOT NULL,
        epoch       bigint NOT NULL,
        seq         bigint NOT NULL,
        head        text NOT NULL,
        holder      text,
        lease_until timestamptz
    );
    CREATE UNIQUE INDEX IF NOT EXISTS one_open_run ON upshift.runs (system) WHERE open;
    CREATE TABLE IF NOT EXISTS upshift.entries (
        run  text NOT NULL REFERENCES upshift.runs (run),
        seq  bigint NOT NULL,
        body text NOT NULL,
        PRIMARY KEY (run, seq)
    );
    CREATE TABLE IF NOT EXISTS upshift.requests (
        id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        run  text NOT NULL REFERENCES upshift.runs (run),
        body text NOT NULL
    );
    CREATE UNLOGGED TABLE IF NOT EXISTS upshift.notes (
        run  text PRIMARY KEY,
        body text NOT NULL
    );
    CREATE OR REPLACE FUNCTION upshift.only_appended() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'a journal is only appended to'; END $$;
    DROP TRIGGER IF EXISTS entries_stay ON upshift.entries;
    CREATE TRIGGER entries_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON upshift.entries
        FOR EACH STATEMENT EXECUTE FUNCTION upshift.only_appended();
    INSERT INTO upshift.store (format) VALUES (1) ON CONFLICT DO NOTHING;
    COMMIT;
";

/// The format that is there, and whether the server keeps what it has confirmed.
pub(super) const LOOK: &str = "SELECT format, current_setting('fsync'), current_setting('synchronous_commit')
     FROM upshift.store";
