//! Which language a caller reads (RFC 9110 section 12.5.4).

use axum::http::{HeaderMap, header};

use crate::texts::Lang;

/// Language ranges that are looked at: a longer header is cut.
const MOST_RANGES: usize = 16;

/// The language wanted most among the two; Bahasa Indonesia if none of them is asked for.
pub(super) fn of(headers: &HeaderMap) -> Lang {
    let wanted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut best = (Lang::default(), 0);
    for range in wanted.split(',').take(MOST_RANGES) {
        let (tag, weight) = match range.split_once(';') {
            Some((tag, parameter)) => (tag, weight(parameter)),
            None => (range, 1_000),
        };
        if let Ok(lang) = tag.trim().parse()
            && weight > best.1
        {
            best = (lang, weight);
        }
    }
    best.0
}

/// `q=0.8` in thousandths; 0 for anything else.
fn weight(parameter: &str) -> u16 {
    let Some(value) = parameter.trim().strip_prefix("q=") else {
        return 0;
    };
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let digits = fraction.len() <= 3 && fraction.bytes().all(|b| b.is_ascii_digit());
    match whole {
        "1" => 1_000,
        "0" if digits => format!("{fraction:0<3}").parse().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(value: &'static str) -> Lang {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, value.parse().expect("a value"));
        of(&headers)
    }

    #[test]
    fn the_weightiest_of_the_two_is_taken() {
        assert_eq!(of(&HeaderMap::new()), Lang::Id);
        assert_eq!(wanted("en"), Lang::En);
        assert_eq!(wanted("en-GB,en;q=0.9,id;q=0.8"), Lang::En);
        assert_eq!(wanted("en;q=0.5, id-ID;q=0.75"), Lang::Id);
        assert_eq!(wanted("id;q=0.5, en;q=0.51"), Lang::En);
        assert_eq!(wanted("fr, de;q=0.9"), Lang::Id);
        assert_eq!(wanted("en;q=0"), Lang::Id);
        assert_eq!(wanted("en;q=NaN, ;;;,q=1"), Lang::Id);
    }
}
