//! What a line looks like, wherever it is drawn: a colour and a dash pattern, so that colour is never the only sign.

/// How many colours there are: `--series-0` to `--series-7` in `style/_tokens.scss`.
pub const COLOURS: usize = 8;

/// Dash patterns, CSS pixels: with eight colours, lines of the first 32 entities all look different.
const DASHES: [&[f64]; 4] = [&[], &[6.0, 3.0], &[2.0, 3.0], &[10.0, 3.0, 2.0, 3.0]];

/// The colour's number and the dash pattern of a line.
pub fn look(style: usize) -> (usize, &'static [f64]) {
    (style % COLOURS, DASHES[(style + style / COLOURS) % DASHES.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_32_lines_all_look_different() {
        let looks: Vec<_> = (0..32).map(look).collect();
        assert!((0..32).all(|one| looks.iter().filter(|look| **look == looks[one]).count() == 1));
    }
}
