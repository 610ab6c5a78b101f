//! Joining with an invitation: the organisation's key is made here and never leaves.

use std::path::Path;
use std::sync::Arc;

use crate::protocol::codes::Purpose;
use crate::protocol::order::{Order, OrderKind};
use crate::protocol::organisation::{Join, RegistryInfo};
use crate::protocol::trust::{Invitation, TrustRoot};
use crate::protocol::{Clock, ContentDigest, Digest32, JobId, OfficerId, OrderId};

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
    let content = Join {
        code: invitation.code.clone(),
        key: key.public_key(),
    };
    let content = serde_json::to_vec(&content).map(zeroize::Zeroizing::new);
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
        id: OrderId(random_id()?),
        created_at: clock.now(),
    };
    door.join(&order.sign(&key), &content).await?;
    let profile = Profile {
        url: invitation.url.clone(),
        organisation: invitation.organisation.clone(),
        trust,
    };
    let home = Home::create(folder, profile, keys)?;
    Ok(Agent::new(home, door, clock))
}

/// That a registry shows the keys of `trust`.
pub(super) fn check_keys(info: &RegistryInfo, trust: &TrustRoot) -> Result<(), AgentError> {
    let shown = info.registry == trust.registry && info.custodians == trust.custodians;
    if !shown || info.fingerprint != trust.registry.fingerprint() {
        return Err(AgentError::WrongKey);
    }
    Ok(())
}
