//! Predictions as they are typed: `upgrade-regressions:10%:25%:20`.

use std::str::FromStr;

use fixloop_program::evidence::{
    Lines, known_at_introduction, late_alerts, not_useful, upgrade_regressions,
};
use fixloop_program::record::{Prediction, Query, Refusal};
use thiserror::Error;

use crate::commands::evidence::Share;

/// With fewer cases nothing is said, unless another number is asked for.
const MIN_N: u32 = 20;

#[derive(Clone, Debug)]
pub(super) struct Predicted {
    query: Query,
    lines: Option<(f64, f64)>,
    min_n: Option<u32>,
}

#[derive(Debug, Error)]
pub(super) enum NoPrediction {
    #[error("`{0}` is no query; there are {1}")]
    Query(String, String),
    #[error("`{0}` is no share: write `20%` or `0.2`")]
    Share(String),
    #[error("`{0}` is no number of cases")]
    Number(String),
    #[error("write QUERY, QUERY:KILL:CONFIRM or QUERY:KILL:CONFIRM:N")]
    Parts,
}

impl FromStr for Predicted {
    type Err = NoPrediction;

    fn from_str(text: &str) -> Result<Self, NoPrediction> {
        let parts: Vec<&str> = text.split(':').collect();
        let query = Query::ALL.iter().find(|it| it.as_str() == parts[0]).ok_or_else(|| {
            let names: Vec<&str> = Query::ALL.iter().map(|it| it.as_str()).collect();
            NoPrediction::Query(parts[0].to_owned(), names.join(", "))
        })?;
        let share = |text: &str| {
            let share = text.parse::<Share>().map_err(|_| NoPrediction::Share(text.to_owned()));
            share.map(|it| it.0)
        };
        let (lines, n) = match parts[1..] {
            [] => (None, None),
            [kill, confirm] => (Some((share(kill)?, share(confirm)?)), None),
            [kill, confirm, n] => (Some((share(kill)?, share(confirm)?)), Some(n)),
            _ => return Err(NoPrediction::Parts),
        };
        let number = |it: &str| it.parse().map_err(|_| NoPrediction::Number(it.to_owned()));
        Ok(Self { query: *query, lines, min_n: n.map(number).transpose()? })
    }
}

/// With the usual lines where none were given; `wanted` is the change that the key result wants.
pub(super) fn predictions(
    predicted: &[Predicted],
    wanted: Option<f64>,
) -> Result<Vec<Prediction>, Refusal> {
    let prediction = |(it, n): (&Predicted, usize)| {
        let usual = |lines: Lines| (lines.kill(), lines.confirm());
        let lines = it.lines.or(match it.query {
            Query::KnownAtIntroduction => Some(usual(known_at_introduction::LINES)),
            Query::UpgradeRegressions => Some(usual(upgrade_regressions::LINES)),
            Query::LateAlerts => Some(usual(late_alerts::LINES)),
            Query::NotUseful => Some(usual(not_useful::LINES)),
            _ => wanted.map(|it| (it, it)),
        });
        let (kill, confirm) = lines.ok_or_else(|| {
            Refusal::new(
                format!(
                    "{} has no lines, and the key result wants no change that is known",
                    it.query.as_str()
                ),
                format!("--predict {}:20%:20%", it.query.as_str()),
            )
        })?;
        let min_n = it.min_n.unwrap_or(MIN_N);
        Ok(Prediction { name: format!("p{n}"), query: it.query, kill, confirm, min_n })
    };
    predicted.iter().zip(1..).map(prediction).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predictions_are_typed_in_one_word() {
        let parse = |text: &str| text.parse::<Predicted>().map_err(|it| it.to_string());
        let full = predictions(&[parse("late-alerts:10%:0.25:7").unwrap()], None).unwrap();
        assert_eq!((full[0].kill, full[0].confirm, full[0].min_n), (0.1, 0.25, 7));
        let ceiling = [parse("ceiling-detect").unwrap()];
        let kill = predictions(&ceiling, Some(0.2)).unwrap()[0].kill;
        assert!((kill - 0.2).abs() < 1e-12);
        insta::assert_snapshot!(predictions(&ceiling, None).unwrap_err().to_string(), @"ceiling-detect has no lines, and the key result wants no change that is known");
        for (text, error) in [
            ("late-alerts:1", "write QUERY, QUERY:KILL:CONFIRM or QUERY:KILL:CONFIRM:N"),
            ("late-alerts:x:1", "`x` is no share: write `20%` or `0.2`"),
            ("late-alerts:0:1:-1", "`-1` is no number of cases"),
        ] {
            assert_eq!(parse(text).unwrap_err(), error);
        }
        assert!(parse("late").unwrap_err().starts_with("`late` is no query; there are known-at-"));
    }
}
