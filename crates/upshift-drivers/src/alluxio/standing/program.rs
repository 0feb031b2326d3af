//! A program that runs once under the mark of its try: its owner says with 0 that it is done.

use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::alluxio::THIS_MACHINE;
use upshift_model::proof::Proof;
use upshift_model::record::Failure;

use super::{Look, ready};
use crate::alluxio::codes;
use crate::wire::hosts::Detached;
use crate::wire::machines::tail;

/// The end of what a program wrote.
pub(super) const TAIL: usize = 3_000;

impl Look<'_> {
    pub(super) async fn program(&self, done: &str) -> Result<Standing, Fault> {
        let Some(intent) = self.intent else {
            return Ok(ready());
        };
        let (stands, said) = self.driver.machines.started(THIS_MACHINE, intent).await?;
        Ok(match stands {
            Detached::Never => Standing::Ready(intent.baseline.clone()),
            Detached::Running => Standing::Underway(Progress::of("the program runs")),
            Detached::Ended(0) => Standing::Done(Proof::of([format!("the program ended with 0: {done}")])),
            other => Standing::Failed(Failure {
                code: codes::WRITERS,
                what: format!("the program that the system file names {other}"),
                far_side: Some(tail(&said, TAIL).to_owned()).filter(|said| !said.is_empty()),
            }),
        })
    }
}
