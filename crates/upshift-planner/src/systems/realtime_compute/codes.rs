//! Codes of Realtime Compute: checks UP-RC-01xx, plans UP-RC-02xx.

use upshift_model::ids::Code;

/// What kind of change it is, and what becomes of state.
pub const CHANGE: Code = Code::new("UP-RC-0101");
/// Whether the service offers the wanted engine, and what it says of it.
pub const OFFERED: Code = Code::new("UP-RC-0102");
/// The form of the savepoint.
pub const FORM: Code = Code::new("UP-RC-0103");
/// An older engine and state of a newer one.
pub const ONE_WAY: Code = Code::new("UP-RC-0104");
/// What SQL becomes.
pub const SQL: Code = Code::new("UP-RC-0105");
/// What the jars were built with.
pub const LIBRARIES: Code = Code::new("UP-RC-0106");
/// The newest state.
pub const STATE: Code = Code::new("UP-RC-0107");
/// Checkpoints.
pub const CHECKPOINTS: Code = Code::new("UP-RC-0108");
/// Whether the job runs.
pub const JOB: Code = Code::new("UP-RC-0109");
/// Room for two.
pub const ROOM: Code = Code::new("UP-RC-0110");
/// The clone's name.
pub const NAME: Code = Code::new("UP-RC-0111");
/// An expert resource plan.
pub const EXPERT: Code = Code::new("UP-RC-0112");
/// Generations of state that nobody cleans up.
pub const GENERATIONS: Code = Code::new("UP-RC-0113");
/// Alerts.
pub const ALERTS: Code = Code::new("UP-RC-0114");
/// Which deployments are meant.
pub const SELECTED: Code = Code::new("UP-RC-0115");
/// A deployment that differs from its job.
pub const CHANGED: Code = Code::new("UP-RC-0116");
/// What is written twice.
pub const TWICE: Code = Code::new("UP-RC-0117");
/// State that is given up.
pub const GIVEN_UP: Code = Code::new("UP-RC-0118");
/// Whether a deployment that is said to hold no state holds none.
pub const STATELESS: Code = Code::new("UP-RC-0119");
/// The draft that a copy is made from.
pub const DRAFT: Code = Code::new("UP-RC-0120");
/// No probe says what it means that it works.
pub const NO_PROBES: Code = Code::new("UP-RC-0121");
/// A probe gives no answer.
pub const PROBE_BLIND: Code = Code::new("UP-RC-0122");
/// Whether a probe holds now.
pub const PROBE_FAILS: Code = Code::new("UP-RC-0123");
/// Whether the copy can be started from the newest state.
pub const CONTENTS: Code = Code::new("UP-RC-0124");
/// A waiver that has no effect.
pub const IDLE_WAIVER: Code = Code::new("UP-RC-0190");
/// Every deployment that is meant is of the wanted engine.
pub const NOTHING_TO_DO: Code = Code::new("UP-RC-0201");
/// Something that steps are made of was not seen.
pub const UNSEEN: Code = Code::new("UP-RC-0202");
/// A deployment that upshift does not move.
pub const NOT_MOVED: Code = Code::new("UP-RC-0203");
/// The upgrade was accepted, which closes the way back.
pub const ACCEPTED: Code = Code::new("UP-RC-0210");
/// There is nothing to go back from.
pub const NO_WAY_TO_GO_BACK: Code = Code::new("UP-RC-0211");
