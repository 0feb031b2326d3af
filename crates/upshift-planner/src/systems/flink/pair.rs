//! Whether state of one release may be restored by another.
