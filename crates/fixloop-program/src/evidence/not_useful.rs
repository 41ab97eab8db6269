//! Not useful: how many alerts that were shown somebody called of no use, from editors' events.

use super::{Evidence, Lines, Measure, Tally, Unit, Verdict};

/// Below a twentieth alerts disturb nobody; above a fifth they do.
pub const LINES: Lines = Lines::of(0.05, 0.2);

const DEFINITION: &str = "x: exposures shown in an editor that somebody called not useful. n: exposures shown in an editor, each once per installation; what was only observed is in neither.";

/// One exposure that was shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ShownExposure {
    pub team: String,
    /// `wrong`, `not_mine` or `cannot_now`, if somebody said so.
    pub not_useful: Option<&'static str>,
}

/// `n_unjoined` exposures are of no known team, and in no share.
pub fn not_useful(shown: &[ShownExposure], n_unjoined: usize, lines: Lines) -> Evidence {
    let tally = |it: &ShownExposure| (f64::from(u8::from(it.not_useful.is_some())), 1.0);
    let tallies: Vec<Tally<'_>> = shown
        .iter()
        .map(|it| {
            let (x, n) = tally(it);
            Tally { team: &it.team, x, n }
        })
        .collect();
    let measure = Measure::of(Unit::Counts, &tallies);
    let reasons = ["wrong", "not_mine", "cannot_now"].map(|reason| {
        let n = shown.iter().filter(|it| it.not_useful == Some(reason)).count();
        format!("{n} {}", reason.replace('_', " "))
    });
    Evidence {
        query: "not-useful",
        definition: DEFINITION.to_owned(),
        unit: "alerts shown",
        did: "were called not useful",
        verdict: Verdict::of(&measure, lines),
        reason: (measure.n == 0.0)
            .then(|| "no event of an alert that was shown has been collected".to_owned()),
        open_days: None,
        lines,
        facts: vec![
            ("reasons", reasons.join(", ")),
            ("cannot tell", format!("{n_unjoined} shown exposures are of no team that is known: in no share")),
        ],
        examples: Vec::new(),
        limits: vec![
            "Who says nothing may think so all the same: the share is of those who cared to say it.".to_owned(),
        ],
        measure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_of_what_was_shown() {
        let shown = |team: &str, not_useful| ShownExposure { team: team.to_owned(), not_useful };
        let mut all: Vec<ShownExposure> =
            (0..40).map(|it| shown(["a", "b"][it % 2], None)).collect();
        assert_eq!(not_useful(&all, 3, LINES).measure.share, Some(0.0));
        all.extend((0..40).map(|it| shown(["a", "b"][it % 2], Some("wrong"))));
        let it = not_useful(&all, 3, LINES);
        assert_eq!((it.measure.x, it.measure.n), (40.0, 80.0));
        assert_eq!(it.facts[0].1, "40 wrong, 0 not mine, 0 cannot now");
        let none = not_useful(&[], 0, LINES);
        assert_eq!(none.verdict, Verdict::CannotTell);
        assert!(none.reason.is_some());
    }
}
