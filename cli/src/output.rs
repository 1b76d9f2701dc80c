//! Standard output.

use std::io::{self, ErrorKind, Write};

use anyhow::{Context, Error, Result};
use serde::Serialize;

use crate::app::App;

/// Prints a line.
///
/// # Errors
/// As the system gives it; see [`is_closed`].
pub(crate) fn line(text: impl std::fmt::Display) -> Result<()> {
    writeln!(io::stdout().lock(), "{text}").map_err(Error::new)
}

/// Prints a value as JSON.
///
/// # Errors
/// As [`line()`].
pub(crate) fn json(value: &impl Serialize) -> Result<()> {
    // Not by way of `serde_json::Value`, which would print a float32 with the digits of a float64.
    line(serde_json::to_string_pretty(value).context("cannot write JSON")?)
}

/// Says why nothing was done: in JSON on standard output if asked for, else on standard error.
///
/// # Errors
/// As [`line()`].
pub(crate) fn failure(app: &App, error: &Error) -> Result<()> {
    let message = format!("{error:#}");
    if app.json() {
        return json(&serde_json::json!({ "error": message }));
    }
    writeln!(io::stderr().lock(), "error: {message}").map_err(Error::new)
}

/// Whether the reader of standard output went away, as `head` does.
pub(crate) fn is_closed(error: &Error) -> bool {
    let io_error = error.downcast_ref::<io::Error>();
    io_error.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

/// A number with its thousands apart.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut text = digits[..first].to_owned();
    for start in (first..digits.len()).step_by(3) {
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(&digits[start..start + 3]);
    }
    text
}

/// A time in the unit that suits it.
pub(crate) fn seconds(seconds: f64) -> String {
    if seconds < 1.0 {
        format!("{:.2} ms", seconds * 1e3)
    } else {
        format!("{seconds:.2} s")
    }
}

/// A size in the unit that suits it.
pub(crate) fn bytes(count: u64) -> String {
    match count {
        0..1024 => format!("{count} B"),
        1024..0x10_0000 => format!("{} KiB", count >> 10),
        _ => format!("{} MiB", count >> 20),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_apart() {
        let cases = [
            (0, "0"),
            (12, "12"),
            (123, "123"),
            (1234, "1,234"),
            (123_456, "123,456"),
        ];
        for (number, text) in cases {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
