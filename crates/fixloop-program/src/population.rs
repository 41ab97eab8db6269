//! Which opportunities a key result is about.

use fixloop_model::Rating;
use fixloop_readout::Row;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Population {
    All,
    Direct,
    CriticalHigh,
}

impl Population {
    pub const ALL: [Self; 3] = [Self::All, Self::Direct, Self::CriticalHigh];

    /// As the option of the command has it.
    pub fn option(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Direct => "direct",
            Self::CriticalHigh => "critical-high",
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::All => "all vulnerable and malicious packages",
            Self::Direct => "direct dependencies",
            Self::CriticalHigh => "critical and high ones",
        }
    }

    pub fn holds(self, row: &Row) -> bool {
        match self {
            Self::All => true,
            Self::Direct => row.direct == Some(true),
            Self::CriticalHigh => row.severity.is_some_and(|it| it >= Rating::High),
        }
    }
}
