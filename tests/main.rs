//! Tests of the whole program: the binary is run, and what it wrote is read back. Each topic is a module of
//! `topics`; what they share is in `support`.

mod support;
mod topics;
