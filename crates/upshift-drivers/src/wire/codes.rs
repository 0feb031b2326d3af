//! Codes of refusals that come from the wire. The range of HTTP is shared with Flink's observing half,
//! because Flink is the only system so far; which code a fault gets is decided in `http`.

use upshift_model::ids::Code;

/// What answers at the address is not the REST API that was expected there.
pub const NOT_THE_API: Code = Code::new("UP-FLINK-0401");
/// The server refused the request.
pub const REQUEST_REFUSED: Code = Code::new("UP-FLINK-0402");
/// The server refused the credentials, or wants some.
pub const CREDENTIALS_REFUSED: Code = Code::new("UP-FLINK-0403");
/// The server's certificate is not trusted, or the named authority or secret could not be used.
pub const NO_TRUST: Code = Code::new("UP-FLINK-0404");
/// The server does not know what was asked for.
pub const NOT_KNOWN_THERE: Code = Code::new("UP-FLINK-0405");

/// A kind of store that nobody has proven upshift against.
pub const STORE_NOT_PROVEN: Code = Code::new("UP-READ-0001");
/// A text that names no path or object.
pub const NOT_A_PLACE: Code = Code::new("UP-READ-0002");
/// The file system or the store does not let this user read.
pub const STORE_DENIED: Code = Code::new("UP-READ-0003");
/// The store's address, authority or a secret could not be used.
pub const STORE_SETUP: Code = Code::new("UP-READ-0004");
/// The file system or the store failed, or did not answer.
pub const STORE_FAILED: Code = Code::new("UP-READ-0005");
/// Nothing is at the place.
pub const NOTHING_THERE: Code = Code::new("UP-READ-0006");
