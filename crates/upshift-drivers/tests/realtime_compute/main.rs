//! The client of Realtime Compute: signatures, requests as the vendor's own client makes them, what is
//! made of the service's refusals, and what becomes of a lost answer.

mod captured;
mod failures;
mod keys;
mod lost;
mod requests;
mod server;
mod vectors;
