//! What a line looks like, wherever it is drawn: a colour and a dash pattern, so that colour is never the only sign.

/// How many colours there are: `--series-0` to `--series-7` in `style/_tokens.scss`.
pub const COLOURS: usize = 8;

/// Dash patterns, CSS pixels: with eight colours, lines of the first 32 entities all look different.
const DASHES: [&[f64]; 4] = [&[], &[6.0, 3.0], &[2.0, 3.0], &[10.0, 3.0, 2.0, 3.0]];

/// The colour's number and the dash pattern of a line.
pub fn look(style: usize) -> (usize, &'static [f64]) {
    (style % COLOURS, DASHES[(style + style / COLOURS) % DASHES.len()])
}
