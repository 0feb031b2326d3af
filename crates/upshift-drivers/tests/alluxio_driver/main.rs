//! What the driver of Alluxio says of a world that is not as it should be: damaged backups, journals in the wrong place,
//! masters that came up with something else, programs that end with 0 having failed.

mod backups;
mod copies;
mod damage;
mod folders;
mod late;
#[path = "../../../upshift-formats/tests/alluxio/made.rs"]
mod made;
mod programs;
mod trees;
mod world;
