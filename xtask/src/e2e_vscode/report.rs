//! What the scenario measured, as a page.

use std::fmt::Write;

use serde::Deserialize;

/// `results.json` of `editors/vscode/e2e/run.mjs`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Results {
    steps: Vec<Step>,
    pub(crate) pictures: Vec<Picture>,
    install_ms: u64,
    workbench_ms: u64,
    code_server: String,
    vscode: String,
    chromium: String,
    message: String,
    typed: Vec<Told>,
    titles: Vec<String>,
    exception: String,
    latency: Latency,
    /// The machine's load average over the minute of the measurement.
    load: String,
    cores: u64,
}

#[derive(Deserialize)]
struct Step {
    name: String,
    ms: u64,
}

/// What was told at one state of the line that is typed; empty for nothing.
#[derive(Deserialize)]
struct Told {
    text: String,
    said: String,
}

#[derive(Deserialize)]
pub(crate) struct Picture {
    pub(crate) file: String,
    caption: String,
}

#[derive(Deserialize)]
struct Latency {
    appear: Times,
    clear: Times,
    host: Times,
}

/// In milliseconds.
#[derive(Deserialize)]
struct Times {
    n: u64,
    p50: u64,
    p90: u64,
    max: u64,
}

pub(crate) struct Facts {
    pub(crate) day: String,
    pub(crate) commit: String,
    pub(crate) program: String,
    pub(crate) release: bool,
}

pub(crate) fn markdown(results: &Results, facts: &Facts) -> anyhow::Result<String> {
    let mut page = String::new();
    let build = if facts.release { "release build" } else { "build not optimized" };
    let code_server = results.code_server.split(' ').next().unwrap_or_default();
    writeln!(
        page,
        "# fixloop in a real VS Code\n\nWritten by `cargo xtask e2e-vscode` on {}, commit {}: `{}` ({build}), VS Code {} by code-server\n\
         {code_server}, {}. The packaged extension was installed, the workspace was not trusted, everything was typed and clicked;\n\
         texts and diagnostics were read back from VS Code's own interface by a second extension.\n",
        facts.day, facts.commit, facts.program, results.vscode, results.chromium
    )?;
    writeln!(
        page,
        "## From key to squiggle\n\n| ms | n | p50 | p90 | max |\n|---|---|---|---|---|"
    )?;
    row(&mut page, "keydown until the squiggle is drawn", &results.latency.appear)?;
    row(&mut page, "keydown until it is gone", &results.latency.clear)?;
    row(&mut page, "text to diagnostics, told to an extension", &results.latency.host)?;
    writeln!(
        page,
        "\nOn {} cores with a load of {} in that minute, Chromium, VS Code and whatever else ran among them.\n\
         The first two in the page, on a document with one dependency; the third in the extension host, where VS Code gathers changes before\n\
         it tells of them. The extension installed in {} ms, the workbench was there after {} ms.\n",
        results.cores, results.load, results.install_ms, results.workbench_ms
    )?;
    writeln!(page, "## While typing\n\n| typed so far | told |\n|---|---|")?;
    for it in &results.typed {
        let said = if it.said.is_empty() { "nothing" } else { &it.said };
        writeln!(page, "| `` {} `` | {} |", it.text, said.replace('|', "\\|"))?;
    }
    writeln!(page, "\nAt the end, in full:\n\n> {}\n", results.message.replace('\n', "\\\n> "))?;
    writeln!(page, "Offered with it:\n")?;
    for title in &results.titles {
        writeln!(page, "- {title}")?;
    }
    writeln!(page, "\n## Steps, each with its checks\n\n| step | ms |\n|---|---|")?;
    for step in &results.steps {
        writeln!(page, "| {} | {} |", step.name, step.ms)?;
    }
    writeln!(
        page,
        "\nThe exception that was written:\n\n```toml\n{}\n```",
        results.exception.trim()
    )?;
    for picture in &results.pictures {
        writeln!(page, "\n## {}\n\n![{0}](vscode-e2e/{})", picture.caption, picture.file)?;
    }
    Ok(page)
}

fn row(page: &mut String, name: &str, times: &Times) -> std::fmt::Result {
    writeln!(page, "| {name} | {} | {} | {} | {} |", times.n, times.p50, times.p90, times.max)
}
