//! Plans and findings as text.
