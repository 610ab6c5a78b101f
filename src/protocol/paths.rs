//! Where things are on a registry. Braces hold parameters; clients fill them in with [`fill`].

/// GET, open to all: [`RegistryInfo`](super::organisation::RegistryInfo).
pub const REGISTRY: &str = "/v1/registry";
/// POST, order `Join`: [`Done`](super::organisation::Done).
pub const JOIN: &str = "/v1/join";
/// GET, signed: the [`ListInfo`](super::policy::ListInfo)s the organisation has a grant on.
/// POST, order `CreateList`: the new list's [`ListInfo`](super::policy::ListInfo).
pub const LISTS: &str = "/v1/lists";
/// GET, signed: the list's [`SignedRecord`](super::record::SignedRecord)s, oldest first.
pub const RECORDS: &str = "/v1/lists/{list}/records";
/// POST, order `Evaluate`: [`Evaluated`](super::evaluation::Evaluated), binary or JSON as asked.
pub const EVALUATIONS: &str = "/v1/lists/{list}/evaluations";
/// POST, order `Submit` or `Stage`: [`SubmissionReply`](super::submission::SubmissionReply).
pub const SUBMISSIONS: &str = "/v1/lists/{list}/submissions";
/// POST, order `Remove`: [`RemovalReply`](super::submission::RemovalReply).
pub const REMOVALS: &str = "/v1/lists/{list}/removals";
/// GET, signed, the list's owner and administrators: its
/// [`VersionInfo`](super::version::VersionInfo)s, the answering one first.
/// POST, order `OpenVersion`: the version's [`VersionInfo`](super::version::VersionInfo).
pub const VERSIONS: &str = "/v1/lists/{list}/versions";
/// GET, signed, the list's owner and administrators: [`VersionDiff`](super::version::VersionDiff).
pub const VERSION_DIFF: &str = "/v1/lists/{list}/versions/{version}/diff";
/// POST, order `CloseVersion`: [`Done`](super::organisation::Done).
pub const VERSION_CLOSE: &str = "/v1/lists/{list}/versions/close";
/// POST, order `SwitchVersion`: [`Done`](super::organisation::Done).
pub const VERSION_SWITCH: &str = "/v1/lists/{list}/versions/switch";
/// POST, order `DropVersion`: [`Done`](super::organisation::Done).
pub const VERSION_DROP: &str = "/v1/lists/{list}/versions/drop";
/// GET, signed, `?after=&limit=`: [`OwnPage`](super::submission::OwnPage).
pub const OWN: &str = "/v1/lists/{list}/own";
/// GET, signed: a bucket's bytes, its signed head in the header [`HEAD_HEADER`].
pub const BUCKET: &str = "/v1/lists/{list}/epochs/{epoch}/buckets/{bucket}";
/// GET, signed: the newest snapshot's index, its signed head in the header [`HEAD_HEADER`].
pub const SNAPSHOT: &str = "/v1/lists/{list}/epochs/{epoch}/snapshot";
/// GET, signed, with a `Range`: bytes of the keys of the snapshot of that sequence.
pub const SNAPSHOT_KEYS: &str = "/v1/lists/{list}/epochs/{epoch}/snapshot/{sequence}/keys";
/// GET, signed: what changed after that sequence, its signed head in the header [`HEAD_HEADER`].
pub const DELTA: &str = "/v1/lists/{list}/epochs/{epoch}/deltas/{from}";
/// GET, signed: one [`QuotaOf`](super::organisation::QuotaOf) a list.
pub const QUOTA: &str = "/v1/quota";
/// GET, signed, administrators: [`Organisation`](super::organisation::Organisation)s.
/// POST, order `Invite`: [`Done`](super::organisation::Done).
pub const ORGANISATIONS: &str = "/v1/organisations";
/// POST, order `SetStanding`: [`Done`](super::organisation::Done).
pub const STANDING: &str = "/v1/organisations/standing";
/// POST, order `SetGrant`: [`Done`](super::organisation::Done).
pub const GRANTS: &str = "/v1/grants";
/// POST, order `AcceptClock`: [`Done`](super::organisation::Done).
pub const CLOCK: &str = "/v1/clock";
/// POST, order `Admit`, meant for the custodian: [`Done`](super::organisation::Done).
pub const ROLL: &str = "/v1/custodian/roll";
/// GET, open to all: the OpenAPI 3.1 document.
pub const OPENAPI: &str = "/v1/openapi.json";
/// GET, open to all: the document as a page.
pub const API_PAGE: &str = "/docs";
/// GET, open to all: 200 while the process runs.
pub const LIVE: &str = "/healthz/live";
/// GET, open to all: 200 while the service can do its work.
pub const READY: &str = "/healthz/ready";
/// GET, on the admin listener: Prometheus text.
pub const METRICS: &str = "/metrics";

/// The response header that carries a signed head, base64url without padding.
pub const HEAD_HEADER: &str = "saring-head";

/// A path with its parameters filled in, in the order of their braces. Ids and numbers need no
/// escaping.
#[must_use]
pub fn fill(path: &str, parameters: &[&str]) -> String {
    let mut filled = String::with_capacity(path.len() + 64);
    let mut parameters = parameters.iter();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        filled.push_str(parameters.next().copied().unwrap_or_default());
        rest = after.split_once('}').map_or("", |(_, tail)| tail);
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_fill_their_braces_in_order() {
        assert_eq!(
            fill(BUCKET, &["asn", "3", "17"]),
            "/v1/lists/asn/epochs/3/buckets/17"
        );
        assert_eq!(fill(QUOTA, &[]), QUOTA);
    }
}
