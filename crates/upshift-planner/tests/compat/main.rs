//! What may be upgraded to what: the vendors' own examples, routes, and what must hold of every answer.

mod clients;
mod examples;
mod generated;
mod order;
mod overlays;
mod properties;
mod routes;
mod support;
