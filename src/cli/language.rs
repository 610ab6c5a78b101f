//! The language of help and of usage errors, before anything else is parsed.

use std::ffi::OsString;

use clap::{Command, CommandFactory};

use crate::texts::Lang;
use crate::texts::cli::help;

use super::arguments::Arguments;
use super::exit::Exit;
use super::failure::Failure;
use super::output::Output;

/// The language of `--lang`, else of the environment, else Bahasa Indonesia.
pub(super) fn asked(
    arguments: impl Iterator<Item = OsString>,
    environment: Option<String>,
) -> Lang {
    let mut arguments = arguments.filter_map(|argument| argument.into_string().ok());
    let mut given = None;
    while let Some(argument) = arguments.next() {
        if argument == "--" {
            break;
        } else if argument == "--lang" {
            given = arguments.next();
        } else if let Some(value) = argument.strip_prefix("--lang=") {
            given = Some(value.to_owned());
        }
    }
    let parsed = given.or(environment).map(|text| text.parse());
    parsed.and_then(Result::ok).unwrap_or_default()
}

/// The whole command line with its help in `lang`.
pub(super) fn command(lang: Lang) -> Command {
    let command = Arguments::command();
    let command = match lang {
        Lang::En => command,
        Lang::Id => translated(command, ""),
    };
    command.after_help(exit_codes(lang))
}

/// What the exit codes mean, as help shows it.
fn exit_codes(lang: Lang) -> String {
    let title = lang.pick("Kode keluar:", "Exit codes:");
    Exit::ALL.iter().fold(title.to_owned(), |text, exit| {
        format!("{text}\n  {:>3}  {}", exit.code(), exit.meaning().say(lang))
    })
}

/// A command and everything under it in Bahasa Indonesia. `path` names it, as in `keys export`.
fn translated(mut command: Command, path: &str) -> Command {
    command.build();
    if let Some(about) = help::about(path) {
        command = command.about(about).long_about(None);
    }
    let global = |id: &str| help::argument("", id);
    let ids: Vec<String> = command
        .get_arguments()
        .map(|argument| argument.get_id().to_string())
        .collect();
    for id in &ids {
        let text = help::argument(path, id).or_else(|| global(id));
        // Every argument is touched: a built command finds arguments by their places, and each that
        // is touched goes to the end.
        command = command.mut_arg(id, |argument| {
            let Some(text) = text else { return argument };
            let heading = match argument.is_positional() {
                true => help::ARGUMENTS,
                false => help::OPTIONS,
            };
            argument.help(text).long_help(None).help_heading(heading)
        });
    }
    let names: Vec<String> = command
        .get_subcommands()
        .map(|sub| sub.get_name().to_owned())
        .collect();
    for name in &names {
        let below = format!("{path} {name}");
        command = command.mut_subcommand(name, |sub| translated(sub, below.trim_start()));
    }
    command
        .help_template(help::TEMPLATE)
        .subcommand_help_heading(help::COMMANDS)
}

/// Shows help or the version, or says what is wrong with the command line.
pub(super) fn refuse(error: &clap::Error, lang: Lang) -> Exit {
    if !error.use_stderr() {
        // In colour only where it is a terminal.
        return match error.print() {
            Ok(()) => Exit::Ok,
            Err(_) => Exit::General,
        };
    }
    let output = Output {
        json: std::env::args_os().any(|argument| argument == "--json"),
        lang,
    };
    let said = masked(&error.to_string());
    let said = said.strip_prefix("error: ").unwrap_or(&said);
    // Its last paragraph points to help, as our own advice does.
    let said = said.split("\n\nFor more").next().unwrap_or(said).trim_end();
    let failure =
        Failure::new(Exit::Usage, "usage").with(said.replace("\n\n", "\n").replace('\n', "\n  "));
    output.failure(&failure);
    Exit::Usage
}

/// A text without its long runs of digits: somebody may have typed a NIK as an argument.
fn masked(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut run = String::new();
    let flush = |run: &mut String, masked: &mut String| {
        let hide = run.bytes().filter(u8::is_ascii_digit).count() >= 8;
        masked.push_str(if hide { "******" } else { run.as_str() });
        run.clear();
    };
    for letter in text.chars() {
        if letter.is_ascii_digit() || (!run.is_empty() && matches!(letter, '.' | '-' | ' ')) {
            run.push(letter);
        } else {
            flush(&mut run, &mut masked);
            masked.push(letter);
        }
    }
    flush(&mut run, &mut masked);
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_command(command: &Command, path: &str, see: &mut dyn FnMut(&str, &Command)) {
        see(path, command);
        for sub in command.get_subcommands() {
            let below = format!("{path} {}", sub.get_name());
            every_command(sub, below.trim_start(), see);
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
        command(Lang::Id).debug_assert();
    }

    #[test]
    fn every_command_and_argument_is_explained_in_bahasa_indonesia() {
        let mut missing = Vec::new();
        every_command(&Arguments::command(), "", &mut |path, command| {
            if help::about(path).is_none() {
                missing.push(path.to_owned());
            }
            for argument in command.get_arguments() {
                let id = argument.get_id().as_str();
                if help::argument(path, id).is_none() {
                    missing.push(format!("{path} --{id}"));
                }
            }
        });
        assert_eq!(missing, Vec::<String>::new());
    }

    #[test]
    fn no_text_is_left_over() {
        let mut known = Vec::new();
        let built = {
            let mut command = Arguments::command();
            command.build();
            command
        };
        every_command(&built, "", &mut |path, command| {
            known.push(path.to_owned());
            for argument in command.get_arguments() {
                known.push(
                    format!("{path} --{}", argument.get_id())
                        .trim_start()
                        .to_owned(),
                );
            }
        });
        let stale: Vec<_> = help::keys()
            .filter(|key| !known.iter().any(|k| k == key))
            .collect();
        assert_eq!(stale, Vec::<&str>::new());
    }

    #[test]
    fn the_language_is_known_before_anything_is_parsed() {
        let asked = |line: &str, environment: Option<&str>| {
            let words = line.split(' ').map(OsString::from);
            asked(words, environment.map(str::to_owned))
        };
        assert_eq!(asked("saring check", None), Lang::Id);
        assert_eq!(asked("saring check --lang en", None), Lang::En);
        assert_eq!(asked("saring --lang=id check", Some("en")), Lang::Id);
        assert_eq!(asked("saring check", Some("en_GB")), Lang::En);
        assert_eq!(asked("saring check -- --lang en", None), Lang::Id);
    }

    #[test]
    fn a_number_typed_as_an_argument_is_not_repeated() {
        let error = command(Lang::Id)
            .try_get_matches_from(["saring", "check", "3515144508680002"])
            .expect_err("an argument that check does not take");
        assert!(
            error.to_string().contains("3515144508680002"),
            "the control"
        );
        let said = masked(&error.to_string());
        assert!(
            !said.contains("351514") && said.contains("******"),
            "{said}"
        );
        assert_eq!(masked("3515 1445 0868 0002"), "******");
        assert_eq!(masked("port 8443, 127.0.0.1"), "port 8443, 127.0.0.1");
    }
}
