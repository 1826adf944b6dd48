//! Results as a drawing of plain shapes: shown in the page, and saved as SVG or PNG.

use super::heat::HeatMap;
use super::lines::{LinePlot, y_text};
use super::metric::Metric;
use std::fmt::Write as _;

/// A role of a colour; the page and the file have one for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Behind everything.
    Card,
    /// Main text.
    Text,
    /// Other text.
    Muted,
    /// Lines behind the data.
    Grid,
    /// The line of an axis.
    Axis,
    /// The colour of a line, by its number.
    Series(usize),
    /// A shade of the heat map.
    Heat(u8),
    /// Text on a shade of the heat map.
    OnHeat(u8),
}

impl Ink {
    /// The CSS property that has the colour.
    pub fn property(self) -> String {
        match self {
            Self::Card => "--card".to_owned(),
            Self::Text => "--text".to_owned(),
            Self::Muted => "--muted".to_owned(),
            Self::Grid => "--chart-grid".to_owned(),
            Self::Axis => "--line-strong".to_owned(),
            Self::Series(index) => format!("--series-{index}"),
            Self::Heat(shade) => format!("--cell-{shade}"),
            Self::OnHeat(shade) => format!("--on-cell-{shade}"),
        }
    }
}

/// Where a text stands to its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Right of it.
    Start,
    /// Around it.
    Middle,
    /// Left of it.
    End,
}

impl Anchor {
    /// The SVG word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// One shape; places and sizes in pixels.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A line through points, with dashes.
    Line {
        /// Its points.
        points: Vec<(f64, f64)>,
        /// Its colour.
        ink: Ink,
        /// Its width.
        width: f64,
        /// Lengths of dashes and gaps; none for a full line.
        dashes: Vec<f64>,
    },
    /// A full rectangle.
    Rectangle {
        /// Left, top.
        at: (f64, f64),
        /// Width, height.
        size: (f64, f64),
        /// Its colour.
        ink: Ink,
    },
    /// A full circle.
    Dot {
        /// Its middle.
        at: (f64, f64),
        /// Its radius.
        radius: f64,
        /// Its colour.
        ink: Ink,
    },
    /// Text.
    Text {
        /// Where.
        at: (f64, f64),
        /// How it stands there.
        anchor: Anchor,
        /// Its colour.
        ink: Ink,
        /// Its size.
        size: f64,
        /// Whether it is bold.
        bold: bool,
        /// What it says.
        text: String,
    },
}

/// A drawing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    /// Width, height.
    pub size: (f64, f64),
    /// Its shapes, the first ones behind.
    pub shapes: Vec<Shape>,
}

/// Room around the plotting area of lines (left, top, right, bottom).
pub const MARGIN: (f64, f64, f64, f64) = (56.0, 12.0, 16.0, 44.0);

/// A dash pattern and the number of a colour for each line, given by the caller.
pub type Look<'a> = &'a dyn Fn(usize) -> (usize, Vec<f64>);

/// The lines of a plot in a drawing of this size. A place on it is [`place_of`].
pub fn draw_lines(plot: &LinePlot, size: (f64, f64), look: Look<'_>) -> Picture {
    let mut shapes = Vec::new();
    let (left, right) = (MARGIN.0, size.0 - MARGIN.2);
    let bottom = size.1 - MARGIN.3;
    for tick in &plot.y_ticks {
        let y = y_of(plot, size, *tick);
        shapes.push(line(&[(left, y), (right, y)], Ink::Grid, 1.0));
        shapes.push(text((left - 8.0, y + 4.0), Anchor::End, Ink::Muted, 11.0, false, y_text(*tick)));
    }
    shapes.push(line(&[(left, bottom), (right, bottom)], Ink::Axis, 1.0));
    // A digit is about six pixels wide.
    let longest = plot.x_ticks.iter().map(|tick| tick.1.chars().count()).max().unwrap_or(1);
    let width = (longest as f64 * 6.5 + 10.0) / (right - left).max(1.0);
    for (place, label) in plot.fitting_ticks(width) {
        let x = x_of(size, place);
        shapes.push(line(&[(x, bottom), (x, bottom + 4.0)], Ink::Axis, 1.0));
        shapes.push(text((x, bottom + 17.0), Anchor::Middle, Ink::Muted, 11.0, false, label));
    }
    let suffix = if plot.logarithmic { " (logarithmic)" } else { "" };
    let label = format!("{}{suffix}", plot.x_label);
    shapes.push(text(((left + right) / 2.0, size.1 - 8.0), Anchor::Middle, Ink::Muted, 12.0, false, label));
    for drawn in plot.lines.iter().filter(|line| line.visible) {
        let (colour, dashes) = look(drawn.style);
        let ink = Ink::Series(colour);
        let places: Vec<(f64, f64)> =
            drawn.points.iter().map(|point| place_of(plot, size, point.place, point.mean)).collect();
        if plot.joined && places.len() > 1 {
            shapes.push(Shape::Line { points: places.clone(), ink, width: 1.75, dashes });
        }
        for (point, at) in drawn.points.iter().zip(&places) {
            if let Some(half) = point.half {
                let (high, low) = (y_of(plot, size, point.mean + half), y_of(plot, size, (point.mean - half).max(0.0)));
                shapes.push(line(&[(at.0, high), (at.0, low)], ink, 1.25));
                for y in [high, low] {
                    shapes.push(line(&[(at.0 - 4.0, y), (at.0 + 4.0, y)], ink, 1.25));
                }
            }
            shapes.push(Shape::Dot { at: *at, radius: 3.5, ink });
        }
    }
    Picture { size, shapes }
}

/// Where a point is.
pub fn place_of(plot: &LinePlot, size: (f64, f64), place: f64, value: f64) -> (f64, f64) {
    (x_of(size, place), y_of(plot, size, value))
}

fn x_of(size: (f64, f64), place: f64) -> f64 {
    MARGIN.0 + place * (size.0 - MARGIN.0 - MARGIN.2).max(1.0)
}

fn y_of(plot: &LinePlot, size: (f64, f64), value: f64) -> f64 {
    let height = (size.1 - MARGIN.1 - MARGIN.3).max(1.0);
    size.1 - MARGIN.3 - (value / plot.top()).clamp(0.0, 1.0) * height
}

/// The lines as a file: with a title and a legend.
pub fn lines_file(plot: &LinePlot, metric: Metric, title: &str, look: Look<'_>) -> Picture {
    const WIDTH: f64 = 960.0;
    const HEAD: f64 = 56.0;
    const PLOT: f64 = 440.0;
    let drawn = draw_lines(plot, (WIDTH, PLOT), look);
    let mut shapes = titles(metric, title, "");
    shapes.extend(drawn.shapes.into_iter().map(|shape| shape.moved(0.0, HEAD)));
    let visible: Vec<_> = plot.lines.iter().filter(|line| line.visible).collect();
    let mut y = HEAD + PLOT + 20.0;
    for drawn in &visible {
        let (colour, dashes) = look(drawn.style);
        let (ink, x) = (Ink::Series(colour), MARGIN.0);
        shapes.push(Shape::Line { points: vec![(x, y - 4.0), (x + 28.0, y - 4.0)], ink, width: 2.0, dashes });
        shapes.push(text((x + 38.0, y), Anchor::Start, Ink::Text, 12.0, false, drawn.label.clone()));
        y += 18.0;
    }
    on_card(Picture { size: (WIDTH, y + 4.0), shapes })
}

/// The heat map as a file: with a title, its values and their range.
pub fn heat_file(map: &HeatMap, metric: Metric, title: &str, others: &str) -> Picture {
    const CELL: (f64, f64) = (112.0, 48.0);
    const HEAD: f64 = 84.0;
    let row_heads = map.down.as_ref().map(|(_, values)| values.clone()).unwrap_or_default();
    let longest = row_heads.iter().map(|value| value.chars().count()).max().unwrap_or(0);
    let left = 24.0 + (longest as f64 * 7.0).max(24.0);
    let mut shapes = titles(metric, title, others);
    if let Some((label, values)) = &map.across {
        let label = match &map.down {
            Some((down, _)) => format!("{label} (columns), {down} (rows)"),
            None => label.clone(),
        };
        shapes.push(text((left, HEAD - 22.0), Anchor::Start, Ink::Muted, 12.0, false, label));
        for (index, value) in values.iter().enumerate() {
            let x = left + (index as f64 + 0.5) * CELL.0;
            shapes.push(text((x, HEAD - 6.0), Anchor::Middle, Ink::Text, 12.0, true, value.clone()));
        }
    }
    for (index, row) in map.rows.iter().enumerate() {
        let y = HEAD + index as f64 * CELL.1;
        if let Some(head) = row_heads.get(index) {
            shapes.push(text((left - 10.0, y + CELL.1 / 2.0 + 4.0), Anchor::End, Ink::Text, 12.0, true, head.clone()));
        }
        for (column, cell) in row.iter().enumerate() {
            let x = left + column as f64 * CELL.0;
            let (ink, on) = match cell.shade {
                Some(shade) => (Ink::Heat(shade), Ink::OnHeat(shade)),
                None => (Ink::Grid, Ink::Muted),
            };
            shapes.push(Shape::Rectangle { at: (x + 1.0, y + 1.0), size: (CELL.0 - 2.0, CELL.1 - 2.0), ink });
            let middle = (x + CELL.0 / 2.0, y + CELL.1 / 2.0);
            let (value, half) = match cell.value {
                Some((mean, half)) => (metric.format(mean), half.map(|half| format!("± {}", metric.format(half)))),
                None if cell.counts.1 > 0 => ("failed".to_owned(), None),
                None => ("–".to_owned(), None),
            };
            let lift = if half.is_some() { 2.0 } else { -4.0 };
            shapes.push(text((middle.0, middle.1 - lift), Anchor::Middle, on, 14.0, true, value));
            if let Some(half) = half {
                shapes.push(text((middle.0, middle.1 + 14.0), Anchor::Middle, on, 11.0, false, half));
            }
        }
    }
    let columns = map.rows.first().map_or(1, Vec::len);
    let width = (left + columns as f64 * CELL.0 + 24.0).max(520.0);
    on_card(Picture { size: (width, HEAD + map.rows.len() as f64 * CELL.1 + 20.0), shapes })
}

fn titles(metric: Metric, title: &str, others: &str) -> Vec<Shape> {
    let below = format!("{} in {}, means with 95 % confidence intervals{others}", metric.title(), metric.unit());
    vec![
        text((24.0, 26.0), Anchor::Start, Ink::Text, 16.0, true, title.to_owned()),
        text((24.0, 44.0), Anchor::Start, Ink::Muted, 12.0, false, below),
    ]
}

fn on_card(mut picture: Picture) -> Picture {
    picture.shapes.insert(0, Shape::Rectangle { at: (0.0, 0.0), size: picture.size, ink: Ink::Card });
    picture
}

fn line(points: &[(f64, f64)], ink: Ink, width: f64) -> Shape {
    Shape::Line { points: points.to_vec(), ink, width, dashes: Vec::new() }
}

fn text(at: (f64, f64), anchor: Anchor, ink: Ink, size: f64, bold: bool, text: String) -> Shape {
    Shape::Text { at, anchor, ink, size, bold, text }
}

impl Shape {
    fn moved(self, right: f64, down: f64) -> Self {
        let moved = |(x, y): (f64, f64)| (x + right, y + down);
        match self {
            Self::Line { points, ink, width, dashes } => {
                Self::Line { points: points.into_iter().map(moved).collect(), ink, width, dashes }
            }
            Self::Rectangle { at, size, ink } => Self::Rectangle { at: moved(at), size, ink },
            Self::Dot { at, radius, ink } => Self::Dot { at: moved(at), radius, ink },
            Self::Text { at, anchor, ink, size, bold, text } => {
                Self::Text { at: moved(at), anchor, ink, size, bold, text }
            }
        }
    }
}

/// Points as SVG has them: `1,2 3,4`.
pub fn points_text(points: &[(f64, f64)]) -> String {
    points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ")
}

impl Picture {
    /// The drawing as an SVG file; `colour` gives each ink's colour.
    pub fn svg(&self, colour: &dyn Fn(Ink) -> String) -> String {
        let (width, height) = self.size;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
             font-family=\"system-ui, sans-serif\">\n"
        );
        for shape in &self.shapes {
            // Writing to a string cannot fail.
            let _ = match shape {
                Shape::Line { points, ink, width, dashes } => {
                    let dashes = dashes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
                    let dashes = if dashes.is_empty() { dashes } else { format!(" stroke-dasharray=\"{dashes}\"") };
                    writeln!(
                        svg,
                        "<polyline fill=\"none\" stroke=\"{}\" stroke-width=\"{width}\" points=\"{}\"{dashes}/>",
                        escaped(&colour(*ink)),
                        points_text(points)
                    )
                }
                Shape::Rectangle { at, size, ink } => writeln!(
                    svg,
                    "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>",
                    at.0,
                    at.1,
                    size.0,
                    size.1,
                    escaped(&colour(*ink))
                ),
                Shape::Dot { at, radius, ink } => writeln!(
                    svg,
                    "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"{radius}\" fill=\"{}\"/>",
                    at.0,
                    at.1,
                    escaped(&colour(*ink))
                ),
                Shape::Text { at, anchor, ink, size, bold, text } => writeln!(
                    svg,
                    "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{}\" font-size=\"{size}\"{} fill=\"{}\">{}</text>",
                    at.0,
                    at.1,
                    anchor.word(),
                    if *bold { " font-weight=\"600\"" } else { "" },
                    escaped(&colour(*ink)),
                    escaped(text)
                ),
            };
        }
        svg.push_str("</svg>\n");
        svg
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::lines::{LinePoint, SweepLine};
    use super::*;

    fn plot() -> LinePlot {
        let point =
            |place: f64, mean: f64| LinePoint { point: 0, place, at: "1".into(), mean, half: Some(5.0), runs: 2 };
        LinePlot {
            x_label: "Block size".into(),
            x_ticks: vec![(0.0, "1".into()), (1.0, "10".into())],
            joined: true,
            y_ticks: vec![0.0, 50.0, 100.0],
            lines: vec![SweepLine {
                label: "<PBFT> & \"own\"".into(),
                style: 9,
                visible: true,
                points: vec![point(0.0, 0.0), point(1.0, 100.0)],
            }],
            ..LinePlot::default()
        }
    }

    #[test]
    fn points_lie_where_their_values_are_and_error_bars_end_at_nothing() {
        let size = (472.0, 156.0);
        assert_eq!(place_of(&plot(), size, 0.0, 0.0), (56.0, 112.0));
        assert_eq!(place_of(&plot(), size, 1.0, 100.0), (456.0, 12.0));
        assert_eq!(place_of(&plot(), size, 0.5, 50.0), (256.0, 62.0));
        let picture = draw_lines(&plot(), size, &|style| (style % 8, vec![6.0, 3.0]));
        let bars = picture.shapes.iter().filter(|shape| matches!(shape, Shape::Line { width: 1.25, .. }));
        assert_eq!(bars.count(), 6);
        let lowest = picture.shapes.iter().filter_map(|shape| match shape {
            Shape::Line { points, width: 1.25, .. } => points.iter().map(|point| point.1).reduce(f64::max),
            _ => None,
        });
        assert_eq!(lowest.reduce(f64::max), Some(112.0), "below nothing there is nothing");
    }

    #[test]
    fn a_file_has_title_values_and_legend_and_hostile_names_stay_text() {
        let picture = lines_file(&plot(), Metric::Throughput, "a <script>", &|style| (style % 8, vec![6.0, 3.0]));
        let svg = picture.svg(&|ink| format!("#{}", ink.property().len()));
        assert!(svg.contains("a &lt;script&gt;") && !svg.contains("<script>"));
        assert!(svg.contains("&lt;PBFT&gt; &amp; &quot;own&quot;") && svg.contains("stroke-dasharray=\"6 3\""));
        assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"));
    }
}
