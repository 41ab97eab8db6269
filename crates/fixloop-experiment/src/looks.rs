//! Looks at a running experiment that spend one error together.

/// One look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LookReading {
    /// Days since the experiment started.
    pub day: f64,
    pub n_findings: usize,
    pub n_fixed: usize,
    /// What is compared with the threshold, as an absolute value; `None` if nothing could be compared yet.
    pub statistic: Option<f64>,
    /// The smallest absolute statistic rejected at this look; `None` if its budget buys nothing.
    pub threshold: Option<f64>,
    /// Share of the error spent by now.
    pub spent: f64,
    pub is_rejected: bool,
    /// The worthwhile effect is ruled out by now; advice, not a rule.
    pub is_futile: bool,
}
