//! Hypotheses without a prediction, and those that change after they were asked.

use super::*;

#[test]
fn a_hypothesis_predicts_before_it_asks() {
    let it = Programme::started();
    it.done(&["hypothesis", "create", "--key-result", "kr-1", "--believe", "x"]);
    insta::assert_snapshot!(it.refused(&["hypothesis", "evidence", "problem-3"]), @"
    error: problem-3 predicts nothing yet

    hint: fixloop hypothesis frame problem-3 --predict QUERY
    ");
    insta::assert_snapshot!(it.refused(&["hypothesis", "verdict", "problem-3"]), @"
    error: problem-3 cannot be judged yet: it predicts nothing: what will be seen if it is right?

    hint: fixloop hypothesis frame problem-3 --predict QUERY
    ");
    let show = it.done(&["hypothesis", "show", "problem-3"]);
    assert!(show.contains("problem-3 reads: cannot be judged yet"), "{show}");
    let note = ["hypothesis", "evidence", "problem-3", "--note", "I know", "--stance", "for"];
    insta::assert_snapshot!(it.refused(&note), @"
    error: problem-3 has no prediction yet: evidence before the lines are fixed proves anything

    hint: fixloop hypothesis frame problem-3 --predict QUERY:KILL:CONFIRM
    ");
}

#[test]
fn lines_do_not_move_after_the_query_ran() {
    let it = Programme::supported();
    let frame = ["hypothesis", "frame", "problem-3", "--predict", "known-at-introduction:1%:50%"];
    insta::assert_snapshot!(it.refused(&frame), @"
    error: problem-3 is supported: its lines were fixed before the first answer and stay

    hint: fixloop hypothesis create --supersedes problem-3 begins another one, once this one has its verdict
    ");
    let rerun = it.done(&["hypothesis", "evidence", "problem-3", "--rerun", "evidence-3"]);
    assert!(rerun.starts_with("evidence-3: the same answer"), "{rerun}");
    insta::assert_snapshot!(it.refused(&["hypothesis", "verdict", "problem-3", "--expect", "rejected"]), @"
    error: the evidence for problem-3 reads supported, not rejected: known-at-introduction: 100 % (87.7 % to 100 %), kill line 1 %, confirm line 2 %

    hint: file what is missing, or take the verdict as it is; refutations are kept, with why
    ");
}

#[test]
fn nothing_is_solved_that_is_no_problem() {
    let it = Programme::planned();
    let frame = ["--predict", "upgrade-regressions:50%:60%:5"];
    it.done(&["hypothesis", "create", "--key-result", "kr-1", "--believe", "upgrades break"]);
    it.done(&[&["hypothesis", "frame", "problem-4"][..], &frame].concat());
    it.done(&["hypothesis", "evidence", "problem-4"]);
    it.done(&["hypothesis", "verdict", "problem-4", "--expect", "rejected"]);
    let of = ["--problem", "problem-4", "--treatment", "treatment-1", "--because", "x"];
    insta::assert_snapshot!(it.refused(&[&["solution", "create"][..], &of].concat()), @"
    error: problem-4 was rejected: upgrade-regressions: 0 % (0 % to 12.3 %), kill line 50 %, confirm line 60 %

    hint: fixloop hypothesis create --supersedes problem-4: what else could be why?
    ");
}
