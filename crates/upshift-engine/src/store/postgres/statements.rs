//! What the store says to the server: each is one statement, so that each is one transaction and one
//! round trip, and several may be under way on one connection.
//!
//! Every change of a run locks its row in `runs` first and is decided on the row as it then is: that is
//! the fence.

/// The first line of a run.
pub(super) const OPEN: &str = "
    WITH opened AS (
        INSERT INTO upshift.runs (run, system, open, epoch, seq, head)
        VALUES ($1, $2, true, $3, 1, $4) RETURNING run
    )
    INSERT INTO upshift.entries (run, seq, body) SELECT run, 1, $5 FROM opened RETURNING seq";

/// The open run of a system.
pub(super) const OPEN_OF: &str = "SELECT run FROM upshift.runs WHERE system = $1 AND open";

/// The next line. Nothing where epoch or number is not the next.
pub(super) const APPEND: &str = "
    WITH owned AS (
        UPDATE upshift.runs SET seq = $3, head = $4, open = open AND NOT $7
        WHERE run = $1 AND epoch = $2 AND seq = $3 - 1 RETURNING run
    ), answered AS (
        DELETE FROM upshift.requests USING owned
        WHERE requests.run = owned.run AND ($7 OR requests.id = ANY ($6))
    )
    INSERT INTO upshift.entries (run, seq, body) SELECT run, $3, $5 FROM owned RETURNING seq";

/// What stands at a place.
pub(super) const AT: &str = "SELECT body FROM upshift.entries WHERE run = $1 AND seq = $2";

/// The lines after a number, with the number of the newest by the run's own row. One row without a
/// line where there are none.
pub(super) const READ: &str = "
    SELECT runs.seq AS newest, entries.seq, entries.body
    FROM upshift.runs LEFT JOIN upshift.entries ON entries.run = runs.run AND entries.seq > $2
    WHERE runs.run = $1 ORDER BY entries.seq";

/// Takes a run that nobody has. A row that is locked is being written by somebody who has it.
pub(super) const CLAIM: &str = "
    WITH free AS (
        SELECT run FROM upshift.runs
        WHERE run = $1 AND (lease_until IS NULL OR lease_until < clock_timestamp())
        FOR UPDATE SKIP LOCKED
    )
    UPDATE upshift.runs
    SET epoch = epoch + 1, holder = $2, lease_until = clock_timestamp() + $3 * interval '1 millisecond'
    FROM free WHERE runs.run = free.run RETURNING epoch";

/// Makes a lease longer. Nothing where another owner came after it.
pub(super) const RENEW: &str = "
    UPDATE upshift.runs SET lease_until = clock_timestamp() + $3 * interval '1 millisecond'
    WHERE run = $1 AND epoch = $2 AND holder IS NOT NULL RETURNING epoch";

/// Ends a lease.
pub(super) const GIVE_UP: &str = "
    UPDATE upshift.runs SET holder = NULL, lease_until = NULL WHERE run = $1 AND epoch = $2 RETURNING epoch";

/// Who has a run now, and who had it last.
pub(super) const HOLDER: &str = "
    SELECT holder, COALESCE(lease_until >= clock_timestamp(), false) FROM upshift.runs WHERE run = $1";

/// All runs.
pub(super) const LIST: &str = "SELECT run, system, open, seq, head FROM upshift.runs ORDER BY run";

/// Puts a request into an inbox.
pub(super) const POST: &str = "
    INSERT INTO upshift.requests (run, body) SELECT run, $2 FROM upshift.runs WHERE run = $1 RETURNING id";

/// An inbox.
pub(super) const INBOX: &str = "SELECT id, body FROM upshift.requests WHERE run = $1 ORDER BY id";

/// What a run waits for.
pub(super) const NOTE: &str = "
    INSERT INTO upshift.notes (run, body) VALUES ($1, $2)
    ON CONFLICT (run) DO UPDATE SET body = excluded.body RETURNING run";

/// The same, read.
pub(super) const LATEST_NOTE: &str = "SELECT body FROM upshift.notes WHERE run = $1";
