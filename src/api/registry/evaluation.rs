//! Evaluations: elements in, a proved chain out, each in the binary form or as JSON.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::Service;
use super::content::{Form, body, form_sent, form_wanted};
use super::refusal::problem;
use super::signed::{At, on_list, order};
use crate::net::Problem;
use crate::protocol::evaluation::{BINARY, BlindedElements, BlindedElementsJson, EvaluatedJson};
use crate::protocol::limits::MAX_CHUNK;
use crate::protocol::order::SignedOrder;
use crate::protocol::{DecodeError, ErrorCode, ListId};
use crate::registry::Refusal;
use crate::store::Store;

/// An order to evaluate with its elements, undecoded. Its digest is over the elements' binary form,
/// also when they came as JSON.
pub(super) struct OrderedElements {
    order: SignedOrder,
    elements: BlindedElements,
    reply: Form,
}

impl<S: Send + Sync> FromRequest<S> for OrderedElements {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let order = order(request.headers())?;
        let sent = form_sent(request.headers())?;
        let reply = form_wanted(request.headers(), sent);
        let body = body(request).await?;
        let elements = match sent {
            Form::Binary => BlindedElements::from_bytes(&body).map_err(unreadable)?,
            Form::Json => serde_json::from_slice::<BlindedElementsJson>(&body)
                .map_err(|_| Problem::of(ErrorCode::Malformed))?
                .into(),
        };
        Ok(Self {
            order,
            elements,
            reply,
        })
    }
}

pub(super) async fn evaluate<S: Store>(
    State(service): State<Arc<Service<S>>>,
    At(list): At<ListId>,
    ordered: OrderedElements,
) -> Result<Response, Problem> {
    on_list(&ordered.order, &list).map_err(problem)?;
    let evaluated = service
        .registry
        .evaluate(&ordered.order, ordered.elements)
        .await
        .map_err(problem)?;
    Ok(match ordered.reply {
        Form::Binary => ([(header::CONTENT_TYPE, BINARY)], evaluated.to_bytes()).into_response(),
        Form::Json => Json(EvaluatedJson::from(evaluated)).into_response(),
    })
}

fn unreadable(error: DecodeError) -> Problem {
    match error {
        DecodeError::TooLong(_) => problem(Refusal::limit(MAX_CHUNK)),
        _ => Problem::of(ErrorCode::Malformed),
    }
}
