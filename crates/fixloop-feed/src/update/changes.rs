//! The list of modification times: `2026-11-20T10:00:00Z,GHSA-…` per line, newest first.

/// Time and id of each row, in the order of the file.
///
/// # Errors
/// The first line that is no such row, in words.
pub(super) fn rows(bytes: &[u8]) -> Result<Vec<(&str, &str)>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "no text".to_owned())?;
    let mut rows = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.is_empty() {
            continue;
        }
        let row = line.split_once(',').filter(|(time, id)| is_time(time) && is_id(id));
        match row {
            Some(row) => rows.push(row),
            None => return Err(format!("line {} is not `time,id`", number + 1)),
        }
    }
    Ok(rows)
}

/// RFC 3339 in UTC, which sorts as text up to the fraction.
fn is_time(text: &str) -> bool {
    text.len() >= 20 && text.as_bytes()[4] == b'-' && text.as_bytes()[10] == b'T'
}

/// An id becomes the name of a file.
fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 200
        && !text.starts_with('.')
        && text.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.' | ':'))
}

/// Ids of rows at or after `mark`, whose own records may have come in the same second; all without one.
pub(super) fn newer<'r>(rows: &[(&'r str, &'r str)], mark: Option<&str>) -> Vec<&'r str> {
    let seconds = |time: &str| time.get(..19).unwrap_or(time).to_owned();
    let Some(mark) = mark.map(seconds) else { return rows.iter().map(|(_, id)| *id).collect() };
    rows.iter().filter(|(time, _)| seconds(time) > mark).map(|(_, id)| *id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_and_compared_by_second() {
        let text = b"2026-11-20T10:00:00.123Z,GHSA-1\n2026-11-20T09:59:59Z,GHSA-2\n\n";
        let rows = rows(text).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(newer(&rows, Some("2026-11-20T09:59:59Z")), ["GHSA-1"]);
        assert_eq!(newer(&rows, Some("2026-11-20T10:00:00Z")), [""; 0]);
        assert_eq!(newer(&rows, None), ["GHSA-1", "GHSA-2"]);
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for text in [
            "<html>",
            "2026-11-20T10:00:00Z,../../etc/passwd",
            "soon,GHSA-1",
            "2026-11-20T10:00:00Z,",
        ] {
            assert!(rows(text.as_bytes()).is_err(), "{text}");
        }
    }
}
