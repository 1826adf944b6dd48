//! Prints the trace of one case: `traces 7`. It is compared with what WebAssembly makes of the same case.

#[path = "traces/cases.rs"]
mod cases;

fn main() {
    let case = std::env::args().nth(1).and_then(|case| case.parse().ok());
    let Some((name, trace)) = case.and_then(cases::trace) else { std::process::exit(1) };
    println!("{name}");
    print!("{trace}");
}
