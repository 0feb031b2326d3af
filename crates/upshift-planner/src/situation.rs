//! What checks and recipes are given to judge.
