//! Tables as text (RFC 4180), the same bytes for the same numbers.

use fixloop_model::Timestamp;

use crate::pilot::DAY;

/// Digits that tell one microsecond of a day from the next.
const DIGITS: usize = 12;

/// A header and its rows, each line ended by a line feed.
pub(crate) fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text = header.join(",");
    text.push('\n');
    for row in rows {
        let cells: Vec<String> = row.iter().map(|it| cell(it)).collect();
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    text
}

/// Quoted where it has to be. What a spreadsheet would run as a formula gets an apostrophe, which our readers take off.
fn cell(text: &str) -> String {
    let is_number = text.parse::<f64>().is_ok();
    let is_formula = !is_number && text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text
}

/// Days from the first to the second, negative if it is earlier: to the microsecond, and by whole numbers alone.
pub(crate) fn days(from: Timestamp, until: Timestamp) -> String {
    let microseconds = i128::from(until.0) - i128::from(from.0);
    let scale = 10_i128.pow(12);
    let day = i128::from(DAY);
    let magnitude = (microseconds.abs() * scale + day / 2) / day;
    let (whole, part) = (magnitude / scale, magnitude % scale);
    let sign = if microseconds < 0 && magnitude > 0 { "-" } else { "" };
    let digits = format!("{part:0DIGITS$}");
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{digits}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_exact() {
        for (microseconds, expected) in [
            (0, "0"),
            (DAY, "1"),
            (-DAY, "-1"),
            (DAY / 2, "0.5"),
            (-DAY / 4, "-0.25"),
            (1, "0.000000000012"),
            (DAY * 400 + 1, "400.000000000012"),
            (1_000_000, "0.000011574074"),
        ] {
            assert_eq!(days(Timestamp(7), Timestamp(7 + microseconds)), expected);
        }
        days(Timestamp(i64::MIN), Timestamp(i64::MAX));
    }

    #[test]
    fn cells_are_quoted_and_guarded() {
        let row = ["a,b", "say \"x\"", "=1+1", "-2.5", "@team"].map(str::to_owned).to_vec();
        let text = table(&["a", "b", "c", "d", "e"], [row]);
        assert_eq!(text, "a,b,c,d,e\n\"a,b\",\"say \"\"x\"\"\",'=1+1,-2.5,'@team\n");
    }
}
