//! The page of testbeds: hosts on which trials run, what a check finds out about them, and the questions it leads to.

pub(crate) mod card;
pub(crate) mod desk;
pub(crate) mod form;
pub(crate) mod page;
pub(crate) mod question;
