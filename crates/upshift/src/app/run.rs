//! Starting a run: is the world still the plan's, is nobody else at it, then the first record and a
//! process of its own that outlives the terminal.

use std::fs::OpenOptions;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

use upshift_engine::journal::open_run;
use upshift_engine::request::{Ask, Request};
use upshift_model::finding::Finding;
use upshift_model::ids::RunId;
use upshift_model::plan::{Plan, Sealed};
use upshift_model::record::Who;
use upshift_model::run_state::RunState;
use upshift_model::step::{Effect, Releasable};
use upshift_planner::dispatch;

use super::context::{Context, store_trouble};
use super::find_run::{self, Survey};
use super::systems::{self, secrets_at_hand};
use crate::codes;
use crate::exit::Exit;
use crate::trouble::{Stop, Trouble};

/// Opens a run of the plan. Nothing is changed in the system yet.
///
/// # Errors
/// When the plan is blocked, the world has drifted, or the system has an open run.
pub async fn open(context: &Context, plan: Sealed, by: Who) -> Result<RunId, Stop> {
    refuse_blocked(&plan)?;
    refuse_busy(context, &plan).await?;
    if touches_the_system(&plan.plan) {
        refuse_drift(&plan.plan).await?;
    }
    let run = RunId::new(uuid::Uuid::now_v7().to_string());
    let key = dispatch::system_key(&plan.plan);
    open_run(&*context.store, &context.clock, &run, &key, plan, by)
        .await
        .map_err(|e| store_trouble(&e))?;
    Ok(run)
}

/// Deleting files that no run keeps asks nothing of the system, which may be gone by then.
fn touches_the_system(plan: &Plan) -> bool {
    let deletes = |effect: &Effect| {
        matches!(
            effect,
            Effect::Release {
                what: Releasable::RestorePointFiles { .. }
            }
        )
    };
    plan.steps().any(|step| !deletes(&step.effect))
}

async fn refuse_drift(plan: &Plan) -> Result<(), Stop> {
    let seen = systems::observe_plan(plan).await?;
    let differences = dispatch::differences(plan, &seen);
    if differences.is_empty() {
        return Ok(());
    }
    let mut trouble = Trouble::new(
        codes::DRIFT,
        Exit::Halted,
        "the system changed since the plan was made",
    )
    .expected("the system that the plan was made for; nothing was touched")
    .next("upshift plan FILE -o PLAN, and read the new plan");
    trouble.far_side = Some(differences.join("\n"));
    Err(trouble.into())
}

fn refuse_blocked(plan: &Sealed) -> Result<(), Stop> {
    let of = |wanted: fn(&Finding) -> bool| {
        let codes = plan.plan.findings.iter().filter(|f| wanted(f));
        codes
            .map(|f| format!("{} {} ({})", f.code, f.title, f.subject))
            .collect::<Vec<_>>()
    };
    let (red, blind) = (of(Finding::blocks), of(Finding::blinds));
    let refuse = |exit, what: &str, list: &[String]| {
        let mut trouble = Trouble::new(codes::PLAN_BLOCKED, exit, what.to_owned())
            .next("upshift check FILE shows the evidence and the remedies");
        trouble.far_side = Some(list.join("\n"));
        Err(trouble.into())
    };
    match (red.is_empty(), blind.is_empty()) {
        (false, _) => refuse(Exit::Blocked, "the plan is blocked by findings", &red),
        (true, false) => refuse(
            Exit::Unknown,
            "something that had to be seen was not seen",
            &blind,
        ),
        (true, true) => Ok(()),
    }
}

/// The store refuses a second run at the same address; two addresses under one name are seen here.
async fn refuse_busy(context: &Context, plan: &Sealed) -> Result<(), Stop> {
    let key = dispatch::system_key(&plan.plan);
    let Survey { found, damaged } = find_run::survey(context).await?;
    // An open run that cannot be read may be of this system; one that is over holds nothing.
    if let Some(damaged) = damaged.into_iter().find(|damaged| damaged.open) {
        return Err(damaged.trouble.into());
    }
    for found in found {
        let same = found.state.plan.plan.system == plan.plan.system
            || dispatch::system_key(&found.state.plan.plan) == key;
        if !(found.open && same) {
            continue;
        }
        let run = &found.state.run;
        let holder = context.store.holder(run).await.map_err(|e| store_trouble(&e))?;
        let held = match holder {
            Some(h) => format!(
                "held by process {} of {} on {} since {}",
                h.pid, h.user, h.host, h.since
            ),
            None => "its process is not running".to_owned(),
        };
        let by = &found.state.opened_by;
        let what = format!(
            "{} has an open run already: {run}, opened by {} on {} at {}; {held}",
            plan.plan.system, by.name, by.host, found.state.opened_at
        );
        let trouble = Trouble::usage(upshift_engine::codes::OPEN_RUN, what)
            .next(format!("upshift status {run}"))
            .next(format!("upshift resume {run}"))
            .next(format!("upshift abandon {run}"));
        return Err(trouble.into());
    }
    Ok(())
}

/// Starts the process that carries the run on, in a group of its own: a Ctrl-C that comes before it
/// has left the terminal does not reach it either.
///
/// # Errors
/// When its log file or the process itself cannot be made.
pub fn spawn_worker(context: &Context, run: &RunId) -> Result<Child, Stop> {
    let logs = context.state_dir.join("logs");
    std::fs::create_dir_all(&logs)?;
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .open(logs.join(format!("{run}.log")))?;
    // The address holds no secret, only where one is.
    let store = context.place.shared.as_ref().map(ToString::to_string);
    let child = Command::new(std::env::current_exe()?)
        .args(["--log", "info", "--color", "never", "--state-dir"])
        // Whoever looks for this process later does not stand where it was started.
        .arg(std::path::absolute(&context.state_dir)?)
        .args(store.iter().flat_map(|store| ["--store", store]))
        .args(["worker", run.as_str()])
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .process_group(0)
        .spawn()?;
    Ok(child)
}

/// Asks something of a run, and starts a process for it where none is alive to hear it.
///
/// # Errors
/// When a secret that a new process would need is missing, the request cannot be posted or the process
/// cannot be started.
pub async fn ask(context: &Context, state: &RunState, ask: Ask, by: Who) -> Result<Option<Child>, Stop> {
    let (store, run) = (&context.store, &state.run);
    let alive = store.holder(run).await.map_err(|e| store_trouble(&e))?.is_some();
    // A word stays in the inbox until a process hears it: one that nobody could carry out now would
    // be carried out some day when nobody expects it.
    if !alive && context.is_at_home(state) {
        secrets_at_hand(&state.plan.plan)?;
    }
    store
        .post(run, &Request { ask, by })
        .await
        .map_err(|e| store_trouble(&e))?;
    match store.holder(run).await.map_err(|e| store_trouble(&e))? {
        Some(_) => Ok(None),
        // A daemon on the machine of the run hears the word.
        None if !context.is_at_home(state) => Ok(None),
        None => spawn_worker(context, run).map(Some),
    }
}
