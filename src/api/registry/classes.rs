//! Which class of places a request takes, told from its path and its announced length.

use std::sync::LazyLock;

use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use matchit::Router;

use crate::net::layers::RouteClass;
use crate::protocol::paths;

/// Bytes of an evaluation above which it is bulk work: about a thousand elements.
const SMALL_EVALUATION_BYTES: u64 = 32 << 10;

/// Everything a member or an administrator asks for that has no line here is interactive.
const CLASSES: [(&str, RouteClass); 13] = [
    (paths::LIVE, RouteClass::Health),
    (paths::READY, RouteClass::Health),
    (paths::METRICS, RouteClass::Health),
    (paths::REGISTRY, RouteClass::Open),
    (paths::OPENAPI, RouteClass::Open),
    (paths::API_PAGE, RouteClass::Open),
    (paths::REMOVALS, RouteClass::Removal),
    (paths::BUCKET, RouteClass::LookUp),
    (paths::SUBMISSIONS, RouteClass::Bulk),
    (paths::SNAPSHOT, RouteClass::Bulk),
    (paths::SNAPSHOT_KEYS, RouteClass::Bulk),
    (paths::DELTA, RouteClass::Bulk),
    // A difference reads two versions through.
    (paths::VERSION_DIFF, RouteClass::Bulk),
];

static ROUTES: LazyLock<Router<RouteClass>> = LazyLock::new(|| {
    let mut routes = Router::new();
    for (path, class) in CLASSES {
        // None of these is in another's way, as a test sees.
        let _inserted = routes.insert(path, class);
    }
    routes
});

/// The class of a request. An evaluation is a check or bulk work by its length; one that does not
/// say its length is bulk work.
pub(super) fn class_of(path: &str, headers: &HeaderMap) -> RouteClass {
    if let Ok(found) = ROUTES.at(path) {
        return *found.value;
    }
    if !path.ends_with("/evaluations") {
        return RouteClass::Interactive;
    }
    let length = headers.get(CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    match length {
        Some(length) if length <= SMALL_EVALUATION_BYTES => RouteClass::Interactive,
        _ => RouteClass::Bulk,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, length: Option<u64>) -> RouteClass {
        let mut headers = HeaderMap::new();
        if let Some(length) = length {
            headers.insert(CONTENT_LENGTH, length.into());
        }
        class_of(&paths::fill(path, &["daftar", "3", "7"]), &headers)
    }

    #[test]
    fn every_line_is_found_by_a_path_like_it() {
        for (path, class) in CLASSES {
            assert_eq!(of(path, None), class, "{path}");
        }
        for path in [
            paths::JOIN,
            paths::RECORDS,
            paths::VERSIONS,
            paths::VERSION_CLOSE,
        ] {
            assert_eq!(of(path, None), RouteClass::Interactive, "{path}");
        }
    }

    #[test]
    fn an_evaluation_is_bulk_work_unless_it_says_that_it_is_small() {
        let of = |length| of(paths::EVALUATIONS, length);
        assert_eq!(of(Some(38)), RouteClass::Interactive);
        assert_eq!(of(Some(SMALL_EVALUATION_BYTES)), RouteClass::Interactive);
        assert_eq!(of(Some(SMALL_EVALUATION_BYTES + 1)), RouteClass::Bulk);
        assert_eq!(of(None), RouteClass::Bulk);
    }
}
