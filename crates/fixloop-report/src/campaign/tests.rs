use super::*;

const DAY: i64 = 86_400_000_000;

fn report() -> CampaignReport {
    let point = |day: i64, affected, fixed, unknown| Point {
        at: day * DAY,
        counts: Counts { affected, fixed, clean: 5, unknown, unknown_open: 0 },
    };
    let text = str::to_owned;
    CampaignReport {
        id: text("campaign-1"),
        title: text("a <script>alert(1)</script> in | feeds"),
        owner: text("Laura"),
        contact: text("#supply-chain"),
        deadline: text("1970-01-08"),
        deadline_at: 7 * DAY,
        outcome: text("1 of 9 affected targets is not fixed."),
        about: vec![text("rule dependency-confusion")],
        counts: Counts { affected: 1, fixed: 8, clean: 5, unknown: 0, unknown_open: 0 },
        points: vec![point(0, 8, 0, 1), point(2, 4, 4, 1), point(6, 1, 8, 0)],
        pivots: vec![3 * DAY],
        timeline: vec![(text("1970-01-01"), text("Laura"), text("opened"))],
        clock: vec![(text("opened to the first fix"), text("1.5 days"))],
        forecasts: vec![ForecastRow {
            at: text("1970-01-03"),
            open: text("5"),
            ..ForecastRow::default()
        }],
        back_test: text("no interval's moment has passed"),
        teams: vec![TeamRow { team: text("web"), ..TeamRow::default() }],
        left: vec![["shop:x", "web", "affected", "lodash"].map(text)],
    }
}

#[test]
fn markdown_of_a_small_campaign() {
    let mut out = Vec::new();
    write_campaign_markdown(&report(), &mut out).unwrap();
    insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r"
    # campaign-1: a \<script\>alert(1)\</script\> in \| feeds

    1 of 9 affected targets is not fixed.

    - **Owner** Laura; contact \#supply-chain
    - **Deadline** 1970-01-08
    - **About** rule dependency-confusion
    - **Targets** 1 affected, 8 fixed, 5 clean, 0 unknown

    ## Burn-down

    | day | affected | fixed | clean | unknown |
    |---|---|---|---|---|
    | 1970-01-01 | 8 | 0 | 5 | 1 |
    | 1970-01-03 | 4 | 4 | 5 | 1 |
    | 1970-01-07 | 1 | 8 | 5 | 0 |

    ## Timeline

    | when | who | what |
    |---|---|---|
    | 1970-01-01 | Laura | opened |

    ## Iteration clock

    | stage | time |
    |---|---|
    | opened to the first fix | 1.5 days |

    ## Forecasts

    no interval's moment has passed

    | said | open | all by the date | left at the date | last fix |
    |---|---|---|---|---|
    | 1970-01-03 | 5 |  |  |  |

    ## Teams

    | team | ring | affected | fixed | unknown | last fix |
    |---|---|---|---|---|---|
    | web |  | 0 | 0 | 0 |  |

    ## Not fixed

    | target | team | state | why |
    |---|---|---|---|
    | shop:x | web | affected | lodash |
    ");
}

#[test]
fn the_page_loads_nothing_and_holds_no_foreign_markup() {
    let mut out = Vec::new();
    write_campaign_html(&report(), &mut out).unwrap();
    let html = String::from_utf8(out).unwrap();
    assert!(!html.contains("<script") && !html.contains("src=") && !html.contains("@import"));
    assert!(html.contains("default-src 'none'") && html.contains("a &#60;script"));
    assert_eq!(html.matches("class=\"area").count(), 3);
    assert_eq!(html.matches("class=\"pivot\"").count(), 1);
    // Unknown is a band and a word of its own.
    assert!(html.contains("area unknown") && html.contains(">unknown<"));
}

#[test]
fn one_moment_is_no_chart() {
    let one = CampaignReport { points: vec![report().points[0]], ..report() };
    let mut out = Vec::new();
    write_campaign_html(&one, &mut out).unwrap();
    assert!(!String::from_utf8(out).unwrap().contains("<svg"));
}
