use super::*;

const OPERATOR: &str = "[operator]\norganisation = \"operator\"\npublic_key = \
    \"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c\"\n";

fn fault(rest: &str) -> ConfigFault {
    Config::parse(&format!("{OPERATOR}{rest}")).expect_err("refused")
}

#[test]
fn a_configuration_needs_only_its_operator_and_writes_back() {
    let config = Config::parse(OPERATOR).expect("parses");
    assert_eq!(
        config,
        Config::new(
            config.operator.organisation.clone(),
            config.operator.public_key
        )
    );
    let text = toml::to_string(&config).expect("serialises");
    assert_eq!(Config::parse(&text), Ok(config));
}

#[test]
fn the_sample_shows_every_default() {
    let sample = include_str!("../../../deploy/saring.toml");
    let shown = Config::parse(sample).expect("the sample parses");
    let defaults = Config::new(
        shown.operator.organisation.clone(),
        shown.operator.public_key,
    );
    assert_eq!(shown, defaults);
    let is_key = |line: &&str| {
        let key = line.strip_prefix('#').unwrap_or_default();
        key.starts_with(|c: char| c.is_ascii_lowercase()) && key.contains(" = ")
    };
    // What has no default is shown by an example.
    let examples = ["tls_", "passphrase_"].map(|start| format!("#{start}"));
    let defaults_only: Vec<_> = sample
        .lines()
        .filter(|line| !examples.iter().any(|start| line.starts_with(start)))
        .map(|line| if is_key(&line) { &line[1..] } else { line })
        .collect();
    assert_eq!(Config::parse(&defaults_only.join("\n")), Ok(defaults));
    let written = toml::to_string(&shown).expect("serialises");
    let shown_keys: Vec<_> = sample.lines().filter(is_key).collect();
    let keys = written.lines().filter(|line| line.contains(" = "));
    for key in keys.filter_map(|line| line.split(" = ").next()) {
        let commented = format!("#{key} = ");
        let plain = format!("{key} = ");
        assert!(
            sample.lines().any(|line| line.starts_with(&plain))
                || shown_keys.iter().any(|line| line.starts_with(&commented)),
            "{key} is not in the sample"
        );
    }
}

#[test]
fn unknown_keys_are_refused_with_line_field_and_suggestion() {
    let unknown = fault;
    let fault = unknown("[deadlines]\nheaders_second = 3\n");
    assert_eq!(fault.rule, ConfigRule::UnknownKey);
    assert_eq!(
        (fault.line, fault.field.as_deref()),
        (Some(5), Some("deadlines.headers_second"))
    );
    assert_eq!(fault.suggestion.as_deref(), Some("headers_seconds"));
    let section = unknown("[deadline]\n");
    assert_eq!(section.suggestion.as_deref(), Some("deadlines"));
}

#[test]
fn values_are_refused_where_they_stand() {
    let range = fault("[limits]\nbulk_requests = 0\n");
    assert_eq!(
        range.rule,
        ConfigRule::OutOfRange {
            least: 1,
            most: 10_000
        }
    );
    assert_eq!(
        (range.line, range.field.as_deref()),
        (Some(5), Some("limits.bulk_requests"))
    );
    let kind = fault("[expiry]\ninterval_seconds = \"soon\"\n");
    assert!(matches!(kind.rule, ConfigRule::Syntax(_)));
    assert_eq!(
        (kind.line, kind.field.as_deref()),
        (Some(5), Some("expiry.interval_seconds"))
    );
    let plain = fault("[listen]\naddress = \"0.0.0.0:80\"\n");
    assert_eq!(plain.rule, ConfigRule::PlainBeyondLoopback);
    let inside = fault("[folders]\nmark = \"database/mark\"\n");
    assert_eq!(inside.rule, ConfigRule::InsideDatabase);
    let missing = Config::parse("[operator]\norganisation = \"operator\"\n").expect_err("refused");
    assert_eq!(
        (missing.rule, missing.field.as_deref()),
        (ConfigRule::MissingKey, Some("operator.public_key"))
    );
}

#[test]
fn paths_are_taken_from_the_files_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("saring.toml");
    std::fs::write(
        &file,
        format!("{OPERATOR}[folders]\nkeys = \"/elsewhere/keys\"\n"),
    )
    .expect("written");
    let config = Config::load(&file).expect("loads");
    assert_eq!(config.folders.database, folder.path().join("database"));
    assert_eq!(config.folders.keys, Path::new("/elsewhere/keys"));
    let absent = Config::load(&folder.path().join("absent.toml")).expect_err("refused");
    assert_eq!(
        absent.rule,
        ConfigRule::Unreadable(std::io::ErrorKind::NotFound)
    );
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}", cut in 0..200usize) {
        let _ = Config::parse(&text);
        let whole = format!("{OPERATOR}[limits]\njobs = 2\n{text}");
        let cut = whole.char_indices().nth(cut).map_or(whole.len(), |(at, _)| at);
        if let Err(fault) = Config::parse(&whole[..cut]) {
            let _ = fault.to_string();
        }
    }
}
