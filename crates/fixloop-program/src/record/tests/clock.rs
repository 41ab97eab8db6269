//! Iteration clocks by hand.

use super::*;

/// A clock whose stages were reached at these hours.
fn clock(n: u32, hours: &[Option<i64>]) -> IterationClock {
    let hours = hours.iter().copied().chain(std::iter::repeat(None));
    let reached = Stage::ALL.into_iter().zip(hours);
    IterationClock {
        problem: ObjectId::new(Kind::Problem, n),
        reached: reached.map(|(stage, hours)| (stage, hours.map(at))).collect(),
        is_over: false,
    }
}

#[test]
fn a_loop_from_the_record() {
    let mut it = pilot().analysed("expand");
    it.make(|record| {
        let first = ExperimentChange::FirstTelemetry { at: at(99) };
        Ok::<_, Refusal>(record.experiment(id("experiment-1"))?.change(first))
    });
    it.make(|record| record.decide(id("experiment-1"), wish(DecisionVerdict::Expand), at(500)));
    let clock = iteration_clock(&it.record, it.record.problem(id("problem-1")).unwrap());
    // Entries are an hour apart.
    let hours = |stage: Stage| clock.at(stage).map(|it| it.duration_since(at(0)).as_hours());
    let text: Vec<String> =
        Stage::ALL.iter().map(|it| format!("{}: {:?}", it.words(), hours(*it))).collect();
    insta::assert_snapshot!(text.join("\n"), @"
    insight: Some(0)
    framed: Some(6)
    first evidence: Some(8)
    problem verdict: Some(9)
    MVP live: Some(22)
    first telemetry: Some(99)
    first look: Some(25)
    decision: Some(29)
    rolled out: None
    ");
    assert_eq!(clock.hours_to_telemetry(), Some(99.0));
    assert_eq!(clock.open().map(|it| it.0), Some(Stage::RolledOut));
    // Rejected is over: nothing of it is stuck.
    let rejected = Making::judged("rejected").record;
    let clock = iteration_clock(&rejected, rejected.problem(id("problem-1")).unwrap());
    assert_eq!((clock.is_over, clock.open()), (true, None));
}

#[test]
fn a_pilot_before_the_verdict_counts_from_the_later_one() {
    // The MVP was live at hour 3 by an override; the verdict came at hour 10.
    let it = clock(1, &[Some(0), Some(1), Some(2), Some(10), Some(3)]);
    assert_eq!(it.open(), Some((Stage::FirstTelemetry, at(10))));
}

#[test]
fn what_is_open_is_censored() {
    // To be framed took 2, 4 and 6 hours; one more is open for 5 hours, and one for an hour.
    let clocks = [
        clock(1, &[Some(0), Some(2)]),
        clock(2, &[Some(0), Some(4)]),
        clock(3, &[Some(0), Some(6)]),
        clock(4, &[Some(5)]),
        clock(5, &[Some(9)]),
    ];
    let times = stage_times(&clocks, at(10));
    let framed = &times[0];
    assert_eq!((framed.stage, framed.n_reached, framed.n_open), (Stage::Framed, 3, 2));
    // At risk: 5, of which one is censored at 1 h; 4 at 2 h (S = 3/4), 3 at 4 h (S = 1/2), one censored at 5 h, 1 at 6 h (S = 0).
    // A half is left from 4 to 6 hours: the median is the middle.
    assert_eq!(framed.median.time, Some(5.0));
    // Open loops only: there is no median, and nothing is stuck by it.
    let evidence = &times[1];
    assert_eq!((evidence.n_reached, evidence.n_open), (0, 3));
    assert_eq!(evidence.median.time, None);
    assert_eq!(stuck(&clocks, at(10)), []);
}

#[test]
fn stuck_is_over_twice_the_median() {
    let clocks = [
        clock(1, &[Some(0), Some(2)]),
        clock(2, &[Some(0), Some(2)]),
        clock(3, &[Some(0), Some(2)]),
        clock(4, &[Some(0)]),
    ];
    // The median is 2 hours: four hours are not over twice of it, five are.
    assert_eq!(stuck(&clocks, at(4)), []);
    let found = stuck(&clocks, at(5));
    let expected =
        Stuck { problem: id("problem-4"), stage: Stage::Framed, hours: 5.0, median_hours: 2.0 };
    assert_eq!(found, [expected]);
    let over = IterationClock { is_over: true, ..clock(4, &[Some(0)]) };
    let clocks = [clocks[0].clone(), clocks[1].clone(), over];
    assert_eq!(stuck(&clocks, at(100)), []);
}
