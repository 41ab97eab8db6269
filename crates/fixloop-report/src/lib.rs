//! A scan rendered as text and JSON; a gate for logs, pages and runners; a readout as text, JSON, CSV and HTML; an experiment and the programme's record as text, Markdown, JSON
//! and HTML.

mod campaign;
mod experiment;
mod experiment_backtest;
mod experiment_ledger;
mod experiment_plan;
mod experiment_stages;
mod gate;
mod history_json;
mod json;
mod markdown;
mod program;
mod purl;
mod readout;
mod text;
mod time;
mod visible;

pub use campaign::{
    CampaignReport, ForecastRow, TeamRow, write_campaign_html, write_campaign_markdown,
};
pub use experiment::{
    ExperimentReport, Outlook, experiment_json, write_experiment_html, write_experiment_markdown,
    write_experiment_text,
};
pub use experiment_backtest::{BackTestReport, backtest_json, write_backtest_text};
pub use experiment_ledger::{LedgerReport, ledger_json, write_ledger_text};
pub use experiment_plan::{PlanReport, experiment_plan_json, write_experiment_plan_text};
pub use experiment_stages::{StagesReport, stages_json, write_stages_text};
pub use gate::{
    write_gate_azure, write_gate_github, write_gate_json, write_gate_junit, write_gate_markdown,
    write_gate_sarif, write_gate_summary, write_gate_text,
};
pub use history_json::{GapRow, HistoryReport, RepositoryRow, write_history_json};
pub use json::write_json;
pub use program::{
    ProgramReport, clock_json, write_clock_text, write_program_html, write_program_markdown,
};
pub use purl::purl;
pub use readout::{
    ReadoutJson, definition_json, readout_json, rows_json, write_readout_html, write_readout_text,
    write_rows_csv,
};
pub use text::write_text;
pub use time::{day, rfc3339};
pub use visible::visible;
