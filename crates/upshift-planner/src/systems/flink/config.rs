//! A configuration file carried over to another release.
