//! Times as people read them.

use fixloop_model::Timestamp;

/// RFC 3339 with the fraction it has.
pub fn rfc3339(time: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(time.0)
        .map_or_else(|_| time.0.to_string(), |it| it.to_string())
}

/// The day, UTC.
pub fn day(time: Timestamp) -> String {
    let text = rfc3339(time);
    text.split_once('T').map_or(text.clone(), |(day, _)| day.to_owned())
}
