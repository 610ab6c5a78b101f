//! How far long work is: a bar on a terminal, a line now and then elsewhere, nothing with `--json`.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::output::Output;
use super::pace::Paced;

/// Between two lines where no bar can be drawn.
const EVERY: Duration = Duration::from_secs(10);

/// Shows how far one piece of work is.
pub(super) struct Shown {
    output: Output,
    bar: Option<ProgressBar>,
    what: String,
    spoken: Instant,
}

impl Shown {
    pub(super) fn new(output: Output) -> Self {
        let style = ProgressStyle::with_template(
            "{msg:32} {wide_bar} {percent:>3} % {per_sec:>12} {eta:>4}",
        );
        let bar = output.draws().then(|| {
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::new(0).with_style(style)
        });
        Self {
            output,
            bar,
            what: String::new(),
            spoken: Instant::now(),
        }
    }

    /// `done` of `total` of `what`.
    pub(super) fn at(&mut self, what: &str, done: u64, total: u64) {
        self.paced(what, done, total, None);
    }

    /// The same, with the pace for where no bar is drawn.
    pub(super) fn paced(&mut self, what: &str, done: u64, total: u64, paced: Option<Paced>) {
        if let Some(bar) = &self.bar {
            if what != self.what {
                bar.reset();
                bar.set_message(what.to_owned());
                self.what = what.to_owned();
            }
            bar.set_length(total);
            bar.set_position(done);
            return;
        }
        if self.spoken.elapsed() >= EVERY {
            self.spoken = Instant::now();
            let percent = u128::from(done) * 100 / u128::from(total.max(1));
            let pace = paced.map(|paced| {
                let left = paced.seconds_left.map(|left| format!(", -{left} s"));
                format!(", {}/s{}", paced.per_second, left.unwrap_or_default())
            });
            let pace = pace.unwrap_or_default();
            self.output
                .remark(format_args!("{what}: {percent} % ({done} / {total}{pace})"));
        }
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
