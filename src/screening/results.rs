//! The third reading: results in the input's order, one line a valid row.

use std::io::{self, Write};

use serde::Serialize;

use super::ScreenError;
use super::answers::{RangeAnswers, UNAVAILABLE};
use super::input::Input;
use super::job::Census;
use super::list::ListAnswers;
use super::manifest::ListCounts;
use super::meter::Meter;
use super::output::{Digesting, Output};
use super::{Phase, firsts::Firsts};
use crate::agent::FileDigests;
use crate::hash::HashKey;
use crate::intake::{Applicant, Verdict, mask_niks};
use crate::protocol::codes::Reason;
use crate::protocol::{Answer, AnswerClass, Digest32};

const RESULTS: &str = "results.csv";
/// Rows between two words about progress.
const STEP: u64 = 16_384;

/// A file of the registry's receipts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Receipts {
    /// Its name.
    pub file: String,
    /// How many, one a line.
    pub count: u32,
    /// The file's digest.
    pub blake3: Digest32,
}

/// What was written down.
#[derive(Clone, Debug)]
pub(super) struct Written {
    /// The digest of the results' file.
    pub(super) digest: Digest32,
    /// Valid rows.
    pub(super) rows: u64,
    /// People by answer, one a list, counted from what was written.
    pub(super) lists: Vec<ListCounts>,
    /// The digests of the input in this reading.
    pub(super) input: FileDigests,
}

/// What the results are made of.
pub(super) struct Writing<'a> {
    pub(super) input: &'a Input,
    pub(super) keep_columns: bool,
    pub(super) census: &'a Census,
    pub(super) firsts: &'a Firsts,
    pub(super) lists: &'a [ListAnswers],
    pub(super) repeats: &'a std::path::Path,
    /// Folders for what is found of a row before its range is reached, one a list.
    pub(super) late: &'a [std::path::PathBuf],
    pub(super) key: &'a HashKey,
    pub(super) meter: &'a Meter,
}

impl Writing<'_> {
    /// Writes the results.
    pub(super) fn run(&self, output: &Output) -> Result<Written, ScreenError> {
        self.meter.enter(Phase::Writing, self.census.counts.valid);
        let mut reading = self.input.open(self.keep_columns)?;
        let mut file = output.begin_digested(RESULTS)?;
        let mut line = self.header(reading.rows.other_columns());
        file.write_all(&line)?;
        let texts: Vec<Vec<Vec<u8>>> = self.lists.iter().map(texts).collect();
        let mut answers = RangeAnswers::begin(self)?;
        let mut tallies = vec![[0_u64; 256]; self.lists.len()];
        let mut rows = 0_u64;
        while let Some(outcome) = reading.rows.next().transpose()? {
            let Verdict::Accepted(applicant) = outcome.verdict else {
                continue;
            };
            if rows == self.census.counts.valid {
                return Err(ScreenError::InputChanged);
            }
            // Below 2^32: a file has at most 5*10^8 rows.
            let place = rows as u32;
            if answers.begins(place) {
                answers.load(place)?;
            }
            let first = self.firsts.is_first(place);
            begin_line(&mut line, outcome.row, &applicant);
            for ((texts, tally), code) in texts.iter().zip(&mut tallies).zip(answers.of(place)) {
                line.extend_from_slice(&texts[usize::from(code)]);
                tally[usize::from(code)] += u64::from(first);
            }
            end_line(&mut line, &applicant);
            file.write_all(&line)?;
            rows += 1;
            if rows.is_multiple_of(STEP) {
                self.meter.at(rows, self.census.counts.valid)?;
            }
        }
        let digest = finish(output, file)?;
        let counted = self.lists.iter().zip(&tallies);
        Ok(Written {
            digest,
            rows,
            lists: counted.map(|(list, tally)| counts(list, tally)).collect(),
            input: reading.digests(&Meter::new())?,
        })
    }

    fn header<'h>(&self, others: impl Iterator<Item = &'h str>) -> Vec<u8> {
        let mut line = b"row,nik".to_vec();
        for list in self.lists {
            let list = list.list.as_str();
            line.extend_from_slice(format!(",{list},{list}/category").as_bytes());
        }
        if self.keep_columns {
            for name in others {
                line.push(b',');
                field(&mut line, name);
            }
        }
        line.push(b'\n');
        line
    }
}

fn finish(output: &Output, file: Digesting) -> io::Result<Digest32> {
    let (digest, file) = file.finish()?;
    output.finish(RESULTS, file)?;
    Ok(digest)
}

/// `row,masked NIK` into an emptied line.
fn begin_line(line: &mut Vec<u8>, row: u64, applicant: &Applicant) {
    line.clear();
    let mut digits = [0; 20];
    let mut at = digits.len();
    let mut left = row;
    loop {
        at -= 1;
        digits[at] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    line.extend_from_slice(&digits[at..]);
    line.push(b',');
    line.extend_from_slice(applicant.nik.masked().as_str().as_bytes());
}

/// The input's own columns, if they are kept. One that holds a NIK does not show it.
fn end_line(line: &mut Vec<u8>, applicant: &Applicant) {
    for other in applicant.others.iter() {
        line.push(b',');
        field(line, &mask_niks(other));
    }
    line.push(b'\n');
}

/// A field, in quotes where it needs them (RFC 4180).
fn field(line: &mut Vec<u8>, text: &str) {
    if !text.contains([',', '"', '\r', '\n']) {
        return line.extend_from_slice(text.as_bytes());
    }
    line.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            line.push(b'"');
        }
        line.push(byte);
    }
    line.push(b'"');
}

/// `,ANSWER,CATEGORY` by code.
fn texts(list: &ListAnswers) -> Vec<Vec<u8>> {
    let text = |answer: Answer, category: Option<Reason>| {
        let category = category.map_or("", Reason::as_str);
        format!(",{},{category}", answer.as_str()).into_bytes()
    };
    let mut texts = vec![text(Answer::Unavailable, None); 256];
    texts[0] = text(Answer::NotListed, None);
    for (title, at) in list.titles.iter().zip(1..) {
        texts[at] = text(title.class.into(), title.category);
    }
    texts
}

fn counts(list: &ListAnswers, tally: &[u64; 256]) -> ListCounts {
    let mut counts = ListCounts {
        not_listed: tally[0],
        unavailable: tally[usize::from(UNAVAILABLE)],
        ..ListCounts::default()
    };
    for (title, people) in list.titles.iter().zip(&tally[1..]) {
        match title.class {
            AnswerClass::Listed => counts.listed += people,
            AnswerClass::Previously => counts.previously += people,
            AnswerClass::NotListed => counts.not_listed += people,
        }
    }
    counts
}

/// Writes the receipts of a list's chunks, one JSON object a line, in the chunks' order.
pub(super) fn write_receipts(
    output: &Output,
    list: &ListAnswers,
) -> Result<Option<Receipts>, ScreenError> {
    if !list.kind.is_oprf() {
        return Ok(None);
    }
    let name = format!("receipts-{}.jsonl", list.list);
    let mut file = output.begin_digested(&name)?;
    let mut chunks = list.kept.read()?;
    let mut count = 0;
    while let Some(chunk) = chunks.next_chunk()? {
        let receipt = chunk.receipt.ok_or(ScreenError::Damaged)?;
        let mut line = serde_json::to_vec(&receipt).map_err(io::Error::other)?;
        line.push(b'\n');
        file.write_all(&line)?;
        count += 1;
    }
    let (blake3, file) = file.finish()?;
    output.finish(&name, file)?;
    Ok(Some(Receipts {
        file: name,
        count,
        blake3,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_as_the_csv_crate_quotes_them() {
        for text in [
            "", "a", "a b", "a,b", "\"", "a\"b,", "x\ny", "\r", "'1", "é;",
        ] {
            let mut line = b"1,".to_vec();
            field(&mut line, text);
            line.push(b'\n');
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(["1", text]).expect("in memory");
            assert_eq!(line, writer.into_inner().expect("in memory"), "{text:?}");
        }
    }
}
