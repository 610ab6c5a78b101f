//! `check`: applicants' NIKs are asked for or read line by line, and answered one by one.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, IsTerminal, Write, stderr, stdin};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::agent::{Acting, Asked, CheckResult};
use crate::nik::{MaskedNik, Nik};
use crate::protocol::codes::Purpose;
use crate::protocol::limits::MAX_CHECKED;
use crate::protocol::{Answer, Epoch, ListId, OrderId, Summary};
use crate::texts::cli::{faults, said};
use crate::texts::{Lang, codes, nik as nik_texts};

use super::exit::Exit;
use super::failure::Failure;
use super::output::local_time;
use super::work::{HttpAgent, Work, next_line};

/// Checking applicants.
#[derive(Args)]
pub(super) struct Check {
    /// A list to ask; again for each (default: the only one there is)
    #[arg(long = "list", value_name = "LIST")]
    lists: Vec<ListId>,
    /// Read NIKs from this file, one a line, instead of standard input
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// credit-application, credit-renewal, programme-screening or dispute
    #[arg(long, default_value = "credit-application", value_parser = purpose)]
    purpose: Purpose,
    /// Append the signed receipts to this file, one JSON object a line
    #[arg(long, value_name = "FILE")]
    receipts: Option<PathBuf>,
}

fn purpose(text: &str) -> Result<Purpose, String> {
    let names: Vec<_> = Purpose::ALL.iter().map(|code| code.as_str()).collect();
    Purpose::parse(text).ok_or_else(|| names.join(", "))
}

/// What `--json` says of one person on one list: exactly these fields.
#[derive(Serialize)]
struct Line<'a> {
    answer: Answer,
    list: &'a ListId,
    epoch: Option<Epoch>,
    nik: Option<MaskedNik>,
    summary: Option<Summary>,
    response_id: OrderId,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

/// `check`.
pub(super) fn check(work: &Work, given: &Check) -> Result<Exit, Failure> {
    let agent = work.agent()?;
    let acting = work.acting(given.purpose)?;
    let mut input = Input::open(work, given)?;
    work.run(async {
        let lists = lists(work, &agent, given).await?;
        let mut asking = Asking {
            work,
            agent: &agent,
            lists,
            acting,
            receipts: given.receipts.as_ref().map(receipts_file).transpose()?,
            unavailable: false,
        };
        while let Some(people) = input.next_people()? {
            asking.ask(&people).await?;
        }
        Ok(if asking.unavailable {
            Exit::Unavailable
        } else {
            Exit::Ok
        })
    })
}

async fn lists(work: &Work, agent: &HttpAgent, given: &Check) -> Result<Vec<ListId>, Failure> {
    if given.lists.is_empty() {
        return Ok(vec![work.list(agent, None).await?]);
    }
    Ok(given.lists.clone())
}

fn receipts_file(path: &PathBuf) -> Result<File, Failure> {
    let opened = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path);
    opened.map_err(|error| Failure::file(path, &error))
}

/// Where NIKs come from.
struct Input {
    source: Box<dyn BufRead>,
    prompt: Option<&'static str>,
}

impl Input {
    fn open(work: &Work, given: &Check) -> Result<Self, Failure> {
        let source: Box<dyn BufRead> = match &given.file {
            Some(file) => {
                let opened = File::open(file).map_err(|error| Failure::file(file, &error))?;
                Box::new(BufReader::new(opened))
            }
            None => Box::new(stdin().lock()),
        };
        let asks = given.file.is_none() && stdin().is_terminal();
        let prompt = said::NIK_PROMPT.say(work.output.lang);
        Ok(Self {
            source,
            prompt: asks.then_some(prompt),
        })
    }

    /// The next people: one from a terminal, up to [`MAX_CHECKED`] from a file; none at the end.
    fn next_people(&mut self) -> Result<Option<Vec<Asked>>, Failure> {
        let most = if self.prompt.is_some() {
            1
        } else {
            MAX_CHECKED
        };
        let mut people = Vec::new();
        while people.len() < most {
            if let Some(prompt) = self.prompt {
                write!(stderr().lock(), "{prompt}")?;
            }
            match next_line(&mut *self.source)? {
                Some(line) if !line.trim().is_empty() => people.push(Nik::parse(&line)),
                Some(_) if self.prompt.is_none() => {}
                _ => break,
            }
        }
        Ok((!people.is_empty()).then_some(people))
    }
}

struct Asking<'a> {
    work: &'a Work,
    agent: &'a HttpAgent,
    lists: Vec<ListId>,
    acting: Acting,
    receipts: Option<File>,
    unavailable: bool,
}

impl Asking<'_> {
    async fn ask(&mut self, people: &[Asked]) -> Result<(), Failure> {
        let results = self.agent.check(people, &self.lists, &self.acting).await?;
        // By person, then by list, as a person reads.
        for place in 0..people.len() {
            for result in results.iter().skip(place).step_by(people.len()) {
                self.tell(result)?;
            }
        }
        Ok(())
    }

    fn tell(&mut self, result: &CheckResult) -> Result<(), Failure> {
        self.unavailable |= result.answer == Answer::Unavailable;
        if let (Some(file), Some(receipt)) = (&mut self.receipts, &result.receipt) {
            let mut line = serde_json::to_vec(receipt).map_err(std::io::Error::other)?;
            line.push(b'\n');
            file.write_all(&line)?;
        }
        let output = self.work.output;
        if output.json {
            let unavailable = result.answer == Answer::Unavailable;
            return output.object(&Line {
                answer: result.answer,
                list: &result.list,
                epoch: result.epoch,
                nik: result.nik,
                summary: result.summary,
                response_id: result.response_id,
                reason: result.reason.filter(|_| unavailable),
            });
        }
        output.line(printed(result, output.lang))
    }
}

/// The answer as an officer reads and prints it.
fn printed(result: &CheckResult, lang: Lang) -> String {
    let mut lines = vec![said::answer(result.answer.as_str()).say(lang).to_owned()];
    let mut field = |name: &crate::texts::Text, value: String| {
        lines.push(format!("  {:<16} {value}", name.say(lang)));
    };
    if let Some(nik) = result.nik {
        field(&said::NIK, nik.to_string());
    }
    let epoch = result
        .epoch
        .map_or_else(|| "-".to_owned(), |epoch| epoch.to_string());
    let list = format!("{} ({} {epoch})", result.list, said::EPOCH.say(lang));
    field(&said::LIST, list);
    if let Some(summary) = &result.summary {
        for (name, value) in summary_fields(summary, lang) {
            field(&name, value);
        }
    }
    if let Some(code) = result.invalid {
        field(
            &said::REASON,
            nik_texts::text(code, lang).unwrap_or(code).to_owned(),
        );
    }
    if let Some(code) = result.reason {
        field(&said::REASON, reason(code, lang));
    }
    if let Some(time) = result.as_of {
        field(&said::TIME, local_time(time));
    }
    field(&said::RESPONSE, result.response_id.to_string());
    if let Some(trust) = &result.trust {
        field(&said::TRUST, trust.clone());
    }
    lines.push(format!("  {}", said::NOT_ALONE.say(lang)));
    lines.join("\n")
}

fn reason(code: &str, lang: Lang) -> String {
    let refusal = crate::protocol::ErrorCode::parse(code);
    let refusal = refusal.map(|code| lang.pick(code.text_id(), code.text_en()));
    let what = refusal
        .or_else(|| faults::what(code, lang))
        .unwrap_or_default();
    format!("{what} ({code})")
}

/// What a summary tells, in words; bands only.
fn summary_fields(summary: &Summary, lang: Lang) -> Vec<(crate::texts::Text, String)> {
    let reasons: Vec<&str> = summary
        .reasons
        .iter()
        .map(|reason| codes::reason(reason.as_str(), lang).unwrap_or(reason.as_str()))
        .collect();
    let mut fields = vec![
        (said::COUNT, summary.count.as_str().to_owned()),
        (said::REASONS, reasons.join("; ")),
    ];
    if let Some(grade) = summary.grade {
        let text = codes::collectibility(grade.as_str(), lang).unwrap_or_default();
        fields.push((said::GRADE, format!("{} {text}", grade.as_str())));
    }
    if let Some(band) = summary.plafond {
        let text = codes::amount_band(band.as_str(), lang).unwrap_or_default();
        fields.push((said::PLAFOND, text.to_owned()));
    }
    if summary.verify_identity {
        fields.push((said::VERIFY, said::VERIFY_IDENTITY.say(lang).to_owned()));
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(answer: Answer) -> CheckResult {
        CheckResult {
            answer,
            list: ListId::parse("peminjam-macet").expect("an id"),
            epoch: Some(Epoch(3)),
            nik: Nik::parse("3515144508680002").ok().map(|nik| nik.masked()),
            summary: None,
            response_id: OrderId([7; 16]),
            as_of: Some(crate::protocol::Timestamp(0)),
            sequence: Some(9),
            trust: Some("1 of 1: trusts the operator".to_owned()),
            reason: None,
            invalid: None,
            receipt: None,
        }
    }

    #[test]
    fn each_answer_reads_as_officers_know_it() {
        let expected = [
            (Answer::NotListed, "TIDAK TERDAFTAR"),
            (Answer::Listed, "TERDAFTAR – perlu ditinjau"),
            (Answer::Previously, "PERNAH TERDAFTAR"),
            (Answer::InvalidId, "NIK TIDAK VALID"),
            (Answer::Unavailable, "BELUM DIKETAHUI"),
        ];
        for (answer, words) in expected {
            let text = printed(&result(answer), Lang::Id);
            assert_eq!(text.lines().next(), Some(words));
            for part in [
                "351514******0002",
                "bukan satu-satunya dasar keputusan",
                "1 of 1: trusts the operator",
                "peminjam-macet",
            ] {
                assert!(text.contains(part), "{part}: {text}");
            }
            assert!(!text.contains("450868"), "{text}");
        }
    }

    #[test]
    fn lines_are_people_and_blank_ones_are_nobody() {
        let text = "3515144508680002\n\n  \nabc\n3515144508680002";
        let mut input = Input {
            source: Box::new(text.as_bytes()),
            prompt: None,
        };
        let people = input.next_people().expect("in memory").expect("people");
        let valid: Vec<bool> = people.iter().map(Result::is_ok).collect();
        assert_eq!(valid, [true, false, true]);
        assert!(input.next_people().expect("in memory").is_none());
    }
}
