//! A chart as a picture of lines: an SVG document with title, axes, legend and marks, that needs nothing from the page. What
//! is saved as PNG is this picture, painted.

use crate::state::chart::Plot;
use crate::state::chart_kind::ChartKind;
use crate::state::format;
use crate::state::heat::{SHADES, axis_place};
use crate::state::line_style::look;
use crate::state::marks::{Mark, MarkKind};
use crate::state::scale::{Scale, time_ticks};
use std::fmt::Write as _;

/// The room around the plotting area (left, top, right), units of the picture.
const ROOM: (f64, f64, f64) = (64.0, 64.0, 24.0);
/// From the plotting area's foot to the first line of the legend.
const BELOW: f64 = 44.0;
/// A line of the legend.
const ROW: f64 = 20.0;
/// About as wide as a letter of the legend, and one of the flags.
const LETTER: f64 = 6.8;
/// Marks closer together than this have one flag.
const FLAG: f64 = 46.0;
const FONT: &str = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";

/// What is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    /// Which chart.
    pub kind: ChartKind,
    /// Its lines or cells.
    pub plot: &'a Plot,
    /// What happened meanwhile.
    pub marks: &'a [Mark],
    /// What stands above it.
    pub title: &'a str,
    /// The size of the plotting area.
    pub size: (f64, f64),
}

/// The size of a picture and its document. `colour` gives the value of one of the page's colours by its name without
/// dashes: `card`, `text`, `series-0`.
pub fn svg(picture: &Picture<'_>, colour: impl Fn(&str) -> String) -> ((f64, f64), String) {
    let (wide, high) = picture.size;
    let legend = legend(picture, &colour, wide);
    let width = wide + ROOM.0 + ROOM.2;
    let height = ROOM.1 + high + BELOW + legend.rows as f64 * ROW;
    let mut text = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="{FONT}" font-size="12"><title>{}</title>"#,
        escaped(picture.title)
    );
    let _ = write!(text, r#"<rect width="{width}" height="{height}" fill="{}"/>"#, colour("card"));
    let _ = write!(
        text,
        r#"<text x="{}" y="28" font-size="15" font-weight="600" fill="{}">{}</text>"#,
        ROOM.0,
        colour("text"),
        escaped(picture.title)
    );
    let _ = write!(text, r#"<g transform="translate({} {})">"#, ROOM.0, ROOM.1);
    axes(&mut text, picture, &colour);
    let _ = write!(
        text,
        r#"<clipPath id="area"><rect width="{wide}" height="{high}"/></clipPath><g clip-path="url(#area)" fill="none" stroke-width="1.75" stroke-linejoin="round">"#
    );
    cells(&mut text, picture, &colour);
    lines(&mut text, picture, &colour);
    text.push_str("</g>");
    marks(&mut text, picture, &colour);
    let _ = write!(text, r#"<g transform="translate(0 {})">{}</g></g></svg>"#, high + BELOW, legend.text);
    ((width, height), text)
}

fn times(picture: &Picture<'_>) -> Scale {
    Scale { low: picture.plot.time.0, high: picture.plot.time.1, from: 0.0, to: picture.size.0 }
}

fn values(picture: &Picture<'_>) -> Scale {
    Scale { low: picture.plot.low, high: picture.plot.high, from: picture.size.1, to: 0.0 }
}

fn axes(text: &mut String, picture: &Picture<'_>, colour: &impl Fn(&str) -> String) {
    let (wide, high) = picture.size;
    let (times, values) = (times(picture), values(picture));
    let (grid, muted) = (colour("chart-grid"), colour("muted"));
    for tick in &picture.plot.ticks {
        let y = places(values.pixel(*tick));
        let label = picture.kind.tick_label(*tick);
        let _ = write!(
            text,
            r#"<path d="M0 {y}H{wide}" stroke="{grid}"/><text x="-8" y="{y}" dy="4" text-anchor="end" fill="{muted}">{label}</text>"#
        );
    }
    for tick in time_ticks(picture.plot.time.0, picture.plot.time.1, (wide / 80.0) as usize) {
        let (x, label) = (places(times.pixel(tick)), format::clock(tick));
        let _ = write!(
            text,
            r#"<path d="M{x} {high}v4" stroke="{muted}"/><text x="{x}" y="{}" text-anchor="middle" fill="{muted}">{label}</text>"#,
            high + 18.0
        );
    }
}

fn lines(text: &mut String, picture: &Picture<'_>, colour: &impl Fn(&str) -> String) {
    let (times, values) = (times(picture), values(picture));
    for line in picture.plot.lines.iter().filter(|line| line.visible && !line.points.is_empty()) {
        let (index, dashes) = look(line.style);
        let stroke = colour(&format!("series-{index}"));
        let place = |point: &(f64, f64)| (places(times.pixel(point.0)), places(values.pixel(point.1)));
        let within = |value: f64| value.clamp(picture.plot.low, picture.plot.high);
        let upper = line.band.iter().map(|(at, _, high)| (*at, within(*high)));
        let outline: Vec<_> = upper.chain(line.band.iter().rev().map(|(at, least, _)| (*at, within(*least)))).collect();
        if !outline.is_empty() {
            let _ = write!(
                text,
                r#"<path fill="{stroke}" fill-opacity="0.18" stroke="none" d="{}z"/>"#,
                path(&outline, place)
            );
        }
        let (mut data, dashes) = (String::new(), dash_attribute(dashes));
        for piece in line.strokes() {
            if let [only] = piece {
                let (x, y) = place(only);
                let _ = write!(text, r#"<circle cx="{x}" cy="{y}" r="2.5" fill="{stroke}"/>"#);
            } else {
                data += &path(piece, place);
            }
        }
        if !data.is_empty() {
            let _ = write!(text, r#"<path stroke="{stroke}"{dashes} d="{data}"/>"#);
        }
    }
}

/// The data of a path through some points.
fn path(points: &[(f64, f64)], place: impl Fn(&(f64, f64)) -> (f64, f64)) -> String {
    let mut data = String::new();
    for (index, point) in points.iter().enumerate() {
        let (x, y) = place(point);
        let _ = write!(data, "{}{x} {y}", if index == 0 { 'M' } else { 'L' });
    }
    data
}

fn cells(text: &mut String, picture: &Picture<'_>, colour: &impl Fn(&str) -> String) {
    let Some(heat) = &picture.plot.heat else { return };
    let (times, values) = (times(picture), values(picture));
    for shade in 0..SHADES {
        let mut path = String::new();
        for column in &heat.columns {
            let (left, right) = (places(times.pixel(column.time.0)), places(times.pixel(column.time.1)));
            for (band, _) in column.cells.iter().filter(|(_, rate)| heat.shade(*rate) == shade) {
                let (foot, top) = (values.pixel(axis_place(*band)), values.pixel(axis_place(band + 1)));
                let _ = write!(path, "M{left} {}H{right}V{}H{left}z", places(foot), places(top));
            }
        }
        if !path.is_empty() {
            let _ = write!(text, r#"<path fill="{}" d="{path}"/>"#, colour(&format!("heat-{shade}")));
        }
    }
}

fn marks(text: &mut String, picture: &Picture<'_>, colour: &impl Fn(&str) -> String) {
    let times = times(picture);
    let mut free = f64::MIN;
    for mark in picture.marks.iter().filter(|mark| mark.at >= times.low && mark.at <= times.high) {
        let x = times.pixel(mark.at);
        let stroke = colour(mark_colour(mark.kind));
        let _ = write!(
            text,
            r#"<path d="M{0} -6V{1}" stroke="{stroke}" stroke-dasharray="4 3"><title>{2}</title></path>"#,
            places(x),
            picture.size.1,
            escaped(&mark.text)
        );
        if x < free {
            continue;
        }
        free = x + FLAG.max(mark.flag.chars().count() as f64 * LETTER);
        let _ = write!(
            text,
            r#"<text x="{}" y="-8" font-size="11" font-weight="600" fill="{stroke}">{}</text>"#,
            places(x),
            escaped(&mark.flag)
        );
    }
}

/// The colour of a kind of marks.
fn mark_colour(kind: MarkKind) -> &'static str {
    match kind {
        MarkKind::Patch => "accent",
        MarkKind::Fault => "warning",
        MarkKind::View => "muted",
        MarkKind::Death => "bad",
    }
}

struct Legend {
    rows: usize,
    text: String,
}

/// The legend, in as many rows as it needs: every visible line is named.
fn legend(picture: &Picture<'_>, colour: &impl Fn(&str) -> String, wide: f64) -> Legend {
    let mut legend = Legend { rows: 1, text: String::new() };
    let fill = colour("text");
    if let Some(heat) = picture.plot.heat.as_ref().filter(|heat| !heat.columns.is_empty()) {
        let _ = write!(legend.text, r#"<text fill="{fill}">Requests a second, from</text>"#);
        let mut x = 168.0;
        for shade in 0..SHADES {
            let from = if shade == 0 { 0.0 } else { heat.shade_from(shade) };
            let _ = write!(
                legend.text,
                r#"<rect x="{x}" y="-10" width="12" height="12" fill="{}"/><text x="{}" fill="{fill}">{}</text>"#,
                colour(&format!("heat-{shade}")),
                x + 16.0,
                format::si(from)
            );
            x += 58.0;
        }
        return legend;
    }
    let mut x = 0.0;
    for line in picture.plot.lines.iter().filter(|line| line.visible) {
        let takes = 42.0 + LETTER * line.label.chars().count() as f64;
        if x > 0.0 && x + takes > wide {
            (x, legend.rows) = (0.0, legend.rows + 1);
        }
        let y = (legend.rows - 1) as f64 * ROW;
        let (index, dashes) = look(line.style);
        let _ = write!(
            legend.text,
            r#"<path d="M{x} {0}h22" stroke="{1}" stroke-width="2"{2}/><text x="{3}" y="{y}" fill="{fill}">{4}</text>"#,
            y - 4.0,
            colour(&format!("series-{index}")),
            dash_attribute(dashes),
            x + 28.0,
            escaped(&line.label)
        );
        x += takes;
    }
    legend
}

fn dash_attribute(dashes: &[f64]) -> String {
    if dashes.is_empty() {
        return String::new();
    }
    let lengths: Vec<_> = dashes.iter().map(ToString::to_string).collect();
    format!(r#" stroke-dasharray="{}""#, lengths.join(" "))
}

/// A number with at most two decimals.
fn places(number: f64) -> f64 {
    // Adding nothing makes a negative zero a plain one.
    (number * 100.0).round() / 100.0 + 0.0
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::chart::Line;
    use crate::state::heat::{Column, Heat};

    fn line(label: &str, style: usize, points: &[(f64, f64)]) -> Line {
        Line {
            label: label.into(),
            style,
            visible: true,
            points: points.to_vec(),
            band: Vec::new(),
            latest: None,
            silence: 60.0,
        }
    }

    fn plot(lines: Vec<Line>) -> Plot {
        Plot { lines, time: (0.0, 100.0), high: 10.0, low: 0.0, ticks: vec![0.0, 5.0, 10.0], heat: None }
    }

    fn draw(kind: ChartKind, plot: &Plot, marks: &[Mark]) -> ((f64, f64), String) {
        let picture = Picture { kind, plot, marks, title: "a <b> & \"c\"", size: (500.0, 200.0) };
        svg(&picture, |name| format!("[{name}]"))
    }

    #[test]
    fn a_picture_has_title_axes_lines_legend_and_marks() {
        let mut hidden = line("hidden", 2, &[(0.0, 9.0)]);
        hidden.visible = false;
        let points = [(0.0, 0.0), (50.0, 10.0), (100.0, 5.0)];
        let plot = plot(vec![line("p50", 0, &points), line("p<90>", 1, &[(50.0, 5.0)]), hidden]);
        let mark = |at| Mark { kind: MarkKind::Fault, at, flag: "v1".into(), text: "v1: Crash = 0".into() };
        let (size, text) = draw(ChartKind::Latency, &plot, &[mark(25.0), mark(400.0)]);
        assert_eq!(size, (588.0, 328.0));
        assert!(text.contains("a &lt;b&gt; &amp; &quot;c&quot;") && text.contains(">0:30<") && text.contains(">10<"));
        assert!(text.contains(r#"<path stroke="[series-0]" d="M0 200L250 0L500 100"/>"#), "{text}");
        assert!(text.contains(r#"<circle cx="250" cy="100""#));
        assert!(text.contains(">p50<") && text.contains(">p&lt;90&gt;<") && !text.contains("hidden"));
        assert_eq!((text.matches("v1: Crash").count(), text.matches("[warning]").count()), (1, 2));
    }

    #[test]
    fn a_band_lies_behind_its_line_and_within_the_chart() {
        let band = vec![(0.0, 1.0, 4.0), (50.0, 2.0, 99.0)];
        let line = Line { band, ..line("mean", 0, &[(0.0, 2.0), (50.0, 5.0)]) };
        let (_, text) = draw(ChartKind::Throughput, &plot(vec![line]), &[]);
        assert!(text.contains(r#"stroke="none" d="M0 120L250 0L250 160L0 180z"/>"#), "{text}");
    }

    #[test]
    fn a_long_legend_takes_more_rows_and_leaves_nobody_out() {
        let lines = (0..31).map(|index| line(&format!("Replica {index}"), index, &[(0.0, 1.0), (9.0, 1.0)]));
        let ((_, height), text) = draw(ChartKind::Committed, &plot(lines.collect()), &[]);
        assert_eq!(text.matches(">Replica ").count(), 31);
        assert!(height > 400.0, "{height}");
    }

    #[test]
    fn a_map_has_cells_in_their_shades_and_a_scale() {
        let columns = vec![Column { time: (0.0, 50.0), cells: vec![(30, 1.0), (31, 1_000.0)] }];
        let heat = Some(Heat { columns, most: 1_000.0 });
        let plot = Plot { low: 0.0, high: 0.2, ticks: vec![0.0], heat, ..plot(vec![]) };
        let (_, text) = draw(ChartKind::Histogram, &plot, &[]);
        assert!(text.contains(r#"<path fill="[heat-0]" d="M0 200H250V100H0z"/>"#), "{text}");
        assert!(text.contains(r#"<path fill="[heat-5]" d="M0 100H250V0H0z"/>"#));
        assert!(text.contains("Requests a second") && text.contains(">1 ms<"));
    }
}
