//! Numbers as people write them.

pub(super) fn percent(written: &str) -> Result<f64, &'static str> {
    let number = written.trim().trim_end_matches('%').trim().parse().ok();
    let number = number.filter(|it: &f64| *it > 0.0 && *it < 100.0).map(|it| it / 100.0);
    number.ok_or("write a number of percent between 0 and 100")
}

pub(super) fn days(written: &str) -> Result<f64, &'static str> {
    let days = written.trim().parse().ok().filter(|it: &f64| it.is_finite() && *it > 0.0);
    days.ok_or("write a number of days above 0")
}

pub(super) fn share(written: &str) -> Result<f64, &'static str> {
    let share = written.trim().parse().ok().filter(|it: &f64| *it > 0.0 && *it < 1.0);
    share.ok_or("write a number between 0 and 1")
}
