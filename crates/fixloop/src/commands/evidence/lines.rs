//! Shares and lines as people type them.

use std::str::FromStr;

use clap::Args;
use fixloop_program::evidence::Lines;
use thiserror::Error;

use crate::error::CommandError;

#[derive(Args)]
pub(crate) struct LineArguments {
    /// Reject if the whole interval is under this share, as `10%` or `0.1` [default: the query's, see docs/evidence.md]
    #[arg(long, value_name = "SHARE")]
    kill: Option<Share>,
    /// Support if the whole interval is over this share [default: the query's]
    #[arg(long, value_name = "SHARE")]
    confirm: Option<Share>,
}

impl LineArguments {
    /// The lines given, else these.
    pub(crate) fn or(&self, defaults: Lines) -> Result<Lines, CommandError> {
        let kill = self.kill.map_or(defaults.kill(), |it| it.0);
        let confirm = self.confirm.map_or(defaults.confirm(), |it| it.0);
        Lines::new(kill, confirm)
            .map_err(|error| CommandError::from(error).hint("give both --kill and --confirm"))
    }
}

/// A share from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Share(pub(crate) f64);

#[derive(Debug, Error)]
#[error("`{0}` is no share: write `20%` or `0.2`")]
pub(crate) struct NoShare(String);

impl FromStr for Share {
    type Err = NoShare;

    fn from_str(text: &str) -> Result<Self, NoShare> {
        let (number, scale) = match text.strip_suffix('%') {
            Some(percent) => (percent.trim_end(), 100.0),
            None => (text, 1.0),
        };
        let share = number.parse::<f64>().map(|it| it / scale);
        match share {
            Ok(share) if (0.0..=1.0).contains(&share) => Ok(Self(share)),
            _ => Err(NoShare(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_percent_or_from_0_to_1() {
        let parse = |text: &str| text.parse::<Share>().ok().map(|it| it.0);
        assert_eq!(parse("20%"), Some(0.2));
        assert_eq!(parse("20 %"), Some(0.2));
        assert_eq!(parse("0.2"), Some(0.2));
        assert_eq!(parse("100%"), Some(1.0));
        for text in ["20", "-1%", "101%", "NaN", "inf%", "", "%", "a"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
