//! Where the world stands on a step.

use upshift_engine::driver::{Fault, Standing};
use upshift_model::ids::Code;
use upshift_model::proof::Bindings;
use upshift_model::record::{Failure, Intent};
use upshift_model::step::Step;

use super::FlinkDriver;

pub(super) async fn standing(
    _driver: &FlinkDriver,
    step: &Step,
    _bound: &Bindings,
    _intent: Option<&Intent>,
) -> Result<Standing, Fault> {
    Err(Fault::Refused(Failure {
        code: Code::new("UP-FLINK-0301"),
        what: format!("step {} cannot be carried out by this build", step.id),
        far_side: None,
    }))
}
