//! Which strategy carries an upgrade out, and why.
