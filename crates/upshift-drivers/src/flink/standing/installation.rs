//! Installations and configuration directories.

use upshift_engine::driver::{Fault, Standing};
use upshift_model::flink::Installation;
use upshift_model::ids::ComponentId;
use upshift_model::proof::Proof;
use upshift_model::record::Baseline;
use upshift_model::step::Change;

use super::super::codes;
use super::super::conf::{CarriedOver, CarryOver, CarryOverError, Written};
use super::super::unpack::{Home, home_at};
use super::{Look, failure, refused};

impl Look<'_> {
    pub(super) async fn unpacked(&self, component: &ComponentId) -> Result<Standing, Fault> {
        let (_, cluster) = self.driver.cluster(component)?;
        let Some(Installation { home, archive, .. }) = &cluster.installation else {
            let what = format!("the plan knows no installation of cluster {component}");
            return Err(refused(codes::NOT_IN_THE_PLAN, what));
        };
        let shown = home.display();
        let taken = |what: String| Ok(Standing::Contradicted(failure(codes::HOME_TAKEN, what)));
        match home_at(home) {
            Home::Of(version) if version == cluster.version => Ok(Standing::Done(Proof::of([format!(
                "{shown} is an installation of Flink {version}"
            )]))),
            Home::Of(version) => taken(format!(
                "{shown} is Flink {version}, expected {}",
                cluster.version
            )),
            Home::Other(what) => taken(format!("{shown} is taken and is no installation: {what}")),
            // A try that was cut off can have no effect any more: it worked in this process or in one
            // that is gone.
            Home::Free if archive.is_some() => Ok(Standing::Ready(Baseline::default())),
            Home::Free => taken(format!("nothing is at {shown}, and no archive is named")),
        }
    }

    pub(super) async fn configured(
        &self,
        component: &ComponentId,
        change: &Change,
    ) -> Result<Standing, Fault> {
        let done = |written: Written| {
            let (file, digest) = (written.file.display(), written.digest.short().to_owned());
            let others = written.others;
            let fact =
                format!("{component}: {file} (digest {digest}…) and {others} other files are in place");
            Standing::Done(Proof::of([fact]))
        };
        match CarryOver::of(change).standing() {
            Ok(CarriedOver::Complete(written)) => Ok(done(written)),
            // Writing it again is writing it once.
            Ok(CarriedOver::NotBegun | CarriedOver::Partly(_)) => Ok(Standing::Ready(Baseline::default())),
            Ok(CarriedOver::Foreign(found)) => {
                let Change::CarryOver { to, .. } = change;
                let what = format!(
                    "{} holds files that are not upshift's: {}",
                    to.display(),
                    found.join(", ")
                );
                Ok(Standing::Contradicted(failure(codes::HOME_TAKEN, what)))
            }
            Err(CarryOverError::SourceChanged { expected, found }) => {
                let Change::CarryOver { from, from_file, .. } = change;
                let (file, found, expected) = (from.join(from_file), found.short(), expected.short());
                let what = format!(
                    "{} has digest {found}…, the plan was made with {expected}…",
                    file.display()
                );
                Ok(Standing::Contradicted(failure(codes::FILE_CHANGED, what)))
            }
            Err(other) => Err(Fault::Refused(other.failure())),
        }
    }
}
