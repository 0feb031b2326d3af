//! `upshift answer`: answers the question that a run asks.

use clap::{Args as ClapArgs, ValueEnum};
use upshift_engine::request::Ask;
use upshift_model::record::Answer;

use super::follow::{self, Until};
use super::phase;
use super::speaker::Speaker;
use crate::app::context::Context;
use crate::app::{find_run, run};
use crate::exit::Exit;
use crate::trouble::Stop;

/// Answer the question that a run asks.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The run's id, its beginning, or the system's name.
    pub run: String,
    /// The answer.
    pub answer: Word,
    #[command(flatten)]
    /// Who, why and a ticket, for the journal.
    pub speaker: Speaker,
}

/// What can be answered here; going back is `upshift rollback`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Word {
    /// Go on in spite of the failed gate; its time starts anew.
    Continue,
    /// Accept, and close the way back.
    Finalize,
}

/// Puts the answer into the run's inbox and follows what comes of it.
///
/// # Errors
/// When no open run fits, the run asks something else, or the store cannot be written.
pub async fn run(args: &Args, context: &Context) -> Result<Exit, Stop> {
    let found = find_run::find_open(context, Some(&args.run)).await?;
    let answer = match args.answer {
        Word::Continue => {
            phase::must_ask_about_gate(&found.state)?;
            Answer::Continue
        }
        Word::Finalize => {
            phase::must_ask_to_finalize(&found.state)?;
            Answer::Finalize
        }
    };
    let id = &found.state.run;
    let worker = run::ask(context, &found.state, Ask::Answer(answer), args.speaker.who()).await?;
    follow::follow_word(context, id, found.state.last.seq, Until::NeedsPerson, worker).await
}
