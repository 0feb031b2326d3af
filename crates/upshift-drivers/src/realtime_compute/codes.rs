//! Codes of what the service, or the way to it, can answer: UP-RC-04xx.

use upshift_model::ids::Code;

/// What answers is not the service.
pub const NOT_THE_SERVICE: Code = Code::new("UP-RC-0401");
/// The service does not accept the key or its signature.
pub const KEYS_REFUSED: Code = Code::new("UP-RC-0402");
/// The clocks of both sides are too far apart.
pub const CLOCKS_APART: Code = Code::new("UP-RC-0403");
/// The key may not do that.
pub const NOT_ALLOWED: Code = Code::new("UP-RC-0404");
/// The service does not know what was asked for.
pub const NOT_KNOWN: Code = Code::new("UP-RC-0405");
/// The service refused for a reason of its own.
pub const REFUSED: Code = Code::new("UP-RC-0406");
/// The key, its secret or its token cannot be had.
pub const NO_KEYS: Code = Code::new("UP-RC-0407");
/// Two things carry one mark.
pub const DOUBLED: Code = Code::new("UP-RC-0408");
