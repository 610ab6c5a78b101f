//! The roll: who is admitted by the custodian's own administrator.

use super::EmbeddedCustodian;
use super::entry::{Admission, Entry};
use crate::protocol::limits::MAX_ADMISSION_BYTES;
use crate::protocol::order::{OrderKind, SignedOrder};
use crate::protocol::organisation::Admit;
use crate::protocol::{ContentDigest, ErrorCode};

impl EmbeddedCustodian {
    /// Carries out an order to enter an organisation in the roll, to change its line there or to
    /// strike it. A later order wins over an earlier one, whatever order they arrive in.
    ///
    /// # Errors
    /// [`ErrorCode::TooLarge`], [`ErrorCode::WrongAudience`], [`ErrorCode::ContentMismatch`],
    /// [`ErrorCode::StaleOrder`], [`ErrorCode::BadSignature`] if it is not the administrator's,
    /// [`ErrorCode::Malformed`], [`ErrorCode::InvalidField`] if order and content name different
    /// lists, [`ErrorCode::AlreadyExists`] if a later order was carried out,
    /// [`ErrorCode::Unavailable`] and [`ErrorCode::Overloaded`] if the ledger takes nothing.
    pub async fn admit(&self, order: &SignedOrder, content: &[u8]) -> Result<(), ErrorCode> {
        if content.len() > MAX_ADMISSION_BYTES {
            return Err(ErrorCode::TooLarge);
        }
        order.verify(
            &self.options.administrator,
            self.audience,
            OrderKind::Admit,
            &ContentDigest::of(content),
            self.clock.now(),
        )?;
        let admit: Admit = serde_json::from_slice(content).map_err(|_| ErrorCode::Malformed)?;
        if order
            .order
            .list
            .as_ref()
            .is_some_and(|list| *list != admit.list)
        {
            return Err(ErrorCode::InvalidField);
        }
        let admission = Admission {
            list: admit.list,
            organisation: admit.organisation,
            key: admit.key,
            daily_quota: admit.daily_quota,
            ordered_at: order.order.created_at,
            signed_order: order.to_bytes(),
        };
        self.ledger
            .act(Entry::Admitted(Box::new(admission)))
            .await?;
        Ok(())
    }
}
