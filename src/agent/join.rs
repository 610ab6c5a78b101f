//! Joining with an invitation: the organisation's key is made here and never leaves.

use std::path::Path;
use std::sync::Arc;

use crate::protocol::codes::Purpose;
use crate::protocol::order::{Order, OrderKind};
use crate::protocol::organisation::{Join, RegistryInfo};
use crate::protocol::trust::{Invitation, TrustRoot};
use crate::protocol::{
    Clock, ContentDigest, Digest32, JobId, OfficerId, OrderId, SigningKey, Timestamp,
};

use super::door::RegistryDoor;
use super::home::{self, Home, Profile, Provider};
use super::orders::random_id;
use super::{Agent, AgentError};

/// Joins `invitation`'s registry through `door` and makes a home in `folder`.
///
/// The registry must first show the keys whose digest the invitation carries; the code goes to
/// nobody else. The key is kept before the order is sent and used again by a second attempt, so
/// that a lost answer loses nothing.
///
/// # Errors
/// [`AgentError::WrongKey`] if the registry shows other keys than the invitation vouches for;
/// [`AgentError::Door`] (`bad_invitation` for a code that is unknown, used or too old),
/// [`AgentError::Home`], [`AgentError::Randomness`], [`AgentError::Content`].
pub async fn join<D: RegistryDoor>(
    folder: &Path,
    keys: Provider,
    invitation: Invitation,
    officer: OfficerId,
    door: D,
    clock: Arc<dyn Clock>,
) -> Result<Agent<D>, AgentError> {
    let info = door.info().await?;
    let trust = TrustRoot {
        registry: info.registry,
        custodians: info.custodians.clone(),
    };
    if trust.digest() != invitation.trust_root {
        return Err(AgentError::WrongKey);
    }
    check_keys(&info, &trust)?;
    let key = home::signing_key(&keys)?;
    let (order, content) = request(&invitation, &trust, &key, officer, clock.now())?;
    door.join(&order.sign(&key), &content).await?;
    let profile = Profile {
        url: invitation.url.clone(),
        organisation: invitation.organisation.clone(),
        trust,
    };
    let home = Home::create(folder, profile, keys)?;
    Ok(Agent::new(home, door, clock))
}

/// The order to join and its content. A second attempt with the same code and key has the same id
/// and content, so that after a lost answer it gets the first one's instead of `bad_invitation`.
fn request(
    invitation: &Invitation,
    trust: &TrustRoot,
    key: &SigningKey,
    officer: OfficerId,
    now: Timestamp,
) -> Result<(Order, zeroize::Zeroizing<Vec<u8>>), AgentError> {
    let public = key.public_key();
    let once = [invitation.code.digest().0, public.0].concat();
    let once = Digest32::of("saring/v1/agent-join", &once);
    let join = Join {
        code: invitation.code.clone(),
        key: public,
    };
    let content = serde_json::to_vec(&join).map(zeroize::Zeroizing::new);
    let content = content.map_err(|_| AgentError::Content)?;
    let order = Order {
        kind: OrderKind::Join,
        audience: trust.registry.fingerprint(),
        organisation: invitation.organisation.clone(),
        officer,
        list: None,
        record: Digest32([0; 32]),
        purpose: Purpose::Administration,
        job: JobId(random_id()?),
        chunk: 0,
        count: 1,
        content: ContentDigest::of(&content),
        id: OrderId(std::array::from_fn(|at| once.0[at])),
        created_at: now,
    };
    Ok((order, content))
}

/// That a registry shows the keys of `trust`.
pub(super) fn check_keys(info: &RegistryInfo, trust: &TrustRoot) -> Result<(), AgentError> {
    let shown = info.registry == trust.registry && info.custodians == trust.custodians;
    if !shown || info.fingerprint != trust.registry.fingerprint() {
        return Err(AgentError::WrongKey);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::OrgId;
    use crate::protocol::trust::InvitationCode;

    #[test]
    fn a_second_attempt_is_the_same_order_and_another_key_or_code_is_not() {
        let (key, other) = (
            SigningKey::from_bytes([1; 32]),
            SigningKey::from_bytes([2; 32]),
        );
        let trust = TrustRoot {
            registry: other.public_key(),
            custodians: Vec::new(),
        };
        let ask = |code, key: &SigningKey, now| {
            let invitation = Invitation {
                organisation: OrgId::parse("ksp-maju").expect("an id"),
                url: "https://registry.example".into(),
                trust_root: trust.digest(),
                code: InvitationCode::from_bytes([code; 16]),
            };
            let officer = OfficerId::parse("pengurus").expect("an id");
            let made = request(&invitation, &trust, key, officer, Timestamp(now));
            let (order, content) = made.expect("made");
            (order.id, content.to_vec())
        };
        assert_eq!(ask(3, &key, 0), ask(3, &key, 9));
        assert_ne!(ask(3, &key, 0).0, ask(4, &key, 0).0);
        assert_ne!(ask(3, &key, 0).0, ask(3, &other, 0).0);
    }
}
