//! The plan linter: rules that every plan must keep, whoever built it.
