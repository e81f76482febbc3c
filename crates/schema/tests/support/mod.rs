//! What the tests of the decoder share: how it is driven, and a definition with columns of all types.

pub(crate) mod decoded;
pub(crate) mod every_type;
