//! The emulated service of Realtime Compute, started as a person starts it: the vendor's own SDK judges it, with real
//! Flink clusters below, and `upshift check` looks at it.

#[path = "emulated/check.rs"]
mod check;
#[path = "emulated/sdk.rs"]
mod sdk;
#[path = "emulated/support.rs"]
mod support;
