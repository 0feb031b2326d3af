//! The `upshift` program: a shim around the library.

fn main() {}
