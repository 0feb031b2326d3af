//! Codes of what can be wrong with a host or the way to it.

use upshift_model::ids::Code;

/// Nobody vouches for the host's key.
pub const KEY_UNKNOWN: Code = Code::new("UP-HOST-0001");
/// The host's key is another one than before.
pub const KEY_CHANGED: Code = Code::new("UP-HOST-0002");
/// The host does not let this user in.
pub const NOT_LET_IN: Code = Code::new("UP-HOST-0003");
/// There is no way to the host, or its name leads nowhere.
pub const NO_WAY: Code = Code::new("UP-HOST-0004");
/// Nothing listens at the host's port.
pub const NOBODY_LISTENS: Code = Code::new("UP-HOST-0005");
/// The host did not answer in time.
pub const SILENT: Code = Code::new("UP-HOST-0006");
/// This machine has no `ssh`.
pub const NO_SSH: Code = Code::new("UP-HOST-0007");
/// `ssh` ended for a reason of its own.
pub const SSH_FAILED: Code = Code::new("UP-HOST-0008");
/// Logged in, but no command is run there.
pub const NO_SHELL: Code = Code::new("UP-HOST-0009");
/// The program or its working directory is not there, or an argument cannot be handed over.
pub const NOT_STARTED: Code = Code::new("UP-HOST-0010");
/// `sudo` wants a password or does not allow it.
pub const SUDO_REFUSED: Code = Code::new("UP-HOST-0011");
/// A program did not end in time.
pub const OUT_OF_TIME: Code = Code::new("UP-HOST-0012");
/// The connection was lost after a program was sent.
pub const LOST: Code = Code::new("UP-HOST-0013");
/// A mark belongs to another command already.
pub const MARK_TAKEN: Code = Code::new("UP-HOST-0014");
/// A file did not arrive as it was sent, or could not be put or read.
pub const FILE_FAILED: Code = Code::new("UP-HOST-0015");
