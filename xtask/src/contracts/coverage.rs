//! How much of the contracts their tests run.

use anyhow::{Context, Result, ensure};

use super::project::Project;

/// Least share of lines, and of branches, in hundredths.
const LEAST: f64 = 95.0;

/// Columns of forge's summary: lines, statements, branches, functions.
const CHECKED: [(usize, &str); 2] = [(0, "lines"), (2, "branches")];

/// Runs the tests, except the long invariant ones, and looks at the sum of all sources.
///
/// # Errors
/// When a test fails, or too little is run.
pub(super) fn check(project: &Project) -> Result<()> {
    project.install()?;
    let summary = project.forge_output(&[
        "coverage",
        "--no-match-coverage",
        "test/",
        "--no-match-path",
        "test/*.invariant.t.sol",
        "--report",
        "summary",
    ])?;
    let shares = total(&summary).context("forge printed no sum")?;
    for (column, what) in CHECKED {
        let share = *shares
            .get(column)
            .context("forge printed too few columns")?;
        println!("{project}: tests run {share} % of all {what}");
        ensure!(
            share >= LEAST,
            "expected at least {LEAST} % of {what}:\n{summary}"
        );
    }
    Ok(())
}

/// The shares in the row `Total`.
fn total(summary: &str) -> Option<Vec<f64>> {
    let row = summary.lines().find(|line| line.starts_with("| Total"))?;
    let cells = row.split('|').skip(2);
    let shares = cells.filter_map(|cell| cell.split('%').next()?.trim().parse().ok());
    Some(shares.collect())
}

#[cfg(test)]
mod tests {
    use super::total;

    #[test]
    fn shares_are_those_of_the_sum() {
        let summary = "| src/A.sol | 10.00% (1/10) | 0.00% (0/1) | 50.00% (1/2) | 1.00% (1/100) |\n\
            | Total     | 99.94% (9/9) | 98.50% (3/4) | 97.25% (2/2) | 100.00% (1/1) |\n";
        assert_eq!(total(summary), Some(vec![99.94, 98.5, 97.25, 100.0]));
        assert_eq!(total(""), None);
    }
}
