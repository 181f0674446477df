//! All SQL about users.
