//! Comparing trials: which ones, how their times are aligned, their lines, their figures and what differs.

pub mod address;
pub mod align;
pub mod groups;
pub mod overlay;
pub mod settings;
pub mod table;
pub mod tracks;

/// The letter that stands for a trial of a comparison: on marks, in the legend and at the head of columns.
pub fn letter(index: usize) -> char {
    char::from(b'A' + (index % 26) as u8)
}
