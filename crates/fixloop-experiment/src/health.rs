//! Whether the experiment ran as it was registered. An unhealthy one decides nothing.

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum HealthStatus {
    Healthy,
    /// It could not be checked.
    CannotTell,
    Unhealthy,
}

/// One check with its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct HealthCheck {
    /// `sample ratio`, `crossover`, `heartbeat`, `scanner version`, `volume`.
    pub name: &'static str,
    pub status: HealthStatus,
    /// The answer in a sentence, with its numbers.
    pub says: String,
}

/// The worst of the checks; none is "cannot tell".
pub fn health_status(checks: &[HealthCheck]) -> HealthStatus {
    checks.iter().map(|it| it.status).max().unwrap_or(HealthStatus::CannotTell)
}
