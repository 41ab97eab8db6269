//! Rules: checks of build configuration, as the texts that were added.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::id::{Kind, ObjectId};
use super::states::{History, Step};
use super::{Change, Record, Refusal, Stamp, What, create, known};

/// The one rule that is code.
pub const BUILT_IN_RULE: &str = "dependency-confusion";

/// A rule file that was read and found to be one.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RulePlan {
    /// As in the file.
    pub rule: String,
    pub title: String,
    /// Whole.
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuleRecord {
    pub id: ObjectId,
    /// `current`.
    pub state: &'static str,
    /// Grows with every other text.
    pub version: u32,
    #[serde(flatten)]
    pub plan: RulePlan,
    pub history: History,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleChange {
    Added(RulePlan),
    /// Its next version.
    Changed(RulePlan),
}

pub(super) fn apply(
    rules: &mut BTreeMap<u32, RuleRecord>,
    number: u32,
    change: &RuleChange,
    stamp: Stamp<'_>,
) -> Result<(), String> {
    let step = |from: Option<String>, to: u32| Step {
        who: stamp.actor.clone(),
        when: stamp.at,
        from,
        to: format!("version {to}"),
        why: None,
    };
    match change.clone() {
        RuleChange::Added(plan) => {
            if plan.rule == BUILT_IN_RULE || rules.values().any(|it| it.plan.rule == plan.rule) {
                return Err(format!("there is a rule `{}` already", plan.rule));
            }
            let id = ObjectId::new(Kind::Rule, number);
            let history = vec![step(None, 1)];
            create(rules, number, RuleRecord { id, state: "current", version: 1, plan, history })
        }
        RuleChange::Changed(plan) => {
            let it = known(rules, number)?;
            if plan.rule != it.plan.rule {
                return Err(format!("it is of `{}`", plan.rule));
            }
            it.history.push(step(Some(format!("version {}", it.version)), it.version + 1));
            it.version += 1;
            it.plan = plan;
            Ok(())
        }
    }
}

impl Record {
    /// A rule for the first time, or the next version of the one that has its id.
    pub fn add_rule(&self, plan: RulePlan) -> Result<Change, Refusal> {
        if plan.rule == BUILT_IN_RULE {
            return Err(Refusal::new(
                format!("`{BUILT_IN_RULE}` is built in"),
                "give the rule another id",
            ));
        }
        let Some(it) = self.rule_called(&plan.rule) else {
            let object = self.next(Kind::Rule);
            return Ok(Change { object, what: What::Rule(RuleChange::Added(plan)) });
        };
        if it.plan.text == plan.text {
            return Err(Refusal::new(
                format!("version {} of `{}` is that file already", it.version, plan.rule),
                "change the file; there is nothing to add",
            ));
        }
        Ok(Change { object: it.id, what: What::Rule(RuleChange::Changed(plan)) })
    }

    /// By the id that its file gives it.
    pub fn rule_called(&self, rule: &str) -> Option<&RuleRecord> {
        self.rules.values().find(|it| it.plan.rule == rule)
    }

    /// Whether a treatment or campaign may name it.
    pub fn has_rule(&self, rule: &str) -> bool {
        rule == BUILT_IN_RULE || self.rule_called(rule).is_some()
    }

    /// # Errors
    /// If there is no such rule: what there is instead.
    pub fn check_rule(&self, rule: &str) -> Result<(), Refusal> {
        if self.has_rule(rule) {
            return Ok(());
        }
        let known = self.rules.values().map(|it| &*it.plan.rule).chain([BUILT_IN_RULE]);
        let known: Vec<String> = known.map(|it| format!("`{it}`")).collect();
        let way_out = format!("fixloop rule add FILE adds one; there is {}", known.join(", "));
        Err(Refusal::new(format!("there is no rule `{rule}`"), way_out))
    }
}
