//! Codes of looking at WEKA.

use upshift_model::ids::Code;

/// No backend of the system file could be asked.
pub const NO_ENTRY: Code = Code::new("UP-WEKA-0001");
