//! The emulated service judged by requests of the vendor's own client, and by what the driver makes of it
//! when things go wrong.

mod captured;
mod gate;
mod storms;
mod support;
mod upgrade;
