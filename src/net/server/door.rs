//! Who is turned away: asked before anything is done for a request.

use std::fmt;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;

type Asked = dyn Fn(&Request<Incoming>) -> Option<Response<Body>> + Send + Sync;

/// Looks at a request's head; what it answers is the answer. Under ten times the load nine of ten
/// requests end here, and what each of them costs is missing where work is done.
#[derive(Clone, Default)]
pub struct Door(Option<Arc<Asked>>);

impl Door {
    /// A door at which `ask` decides. It must not wait.
    pub fn new(
        ask: impl Fn(&Request<Incoming>) -> Option<Response<Body>> + Send + Sync + 'static,
    ) -> Self {
        Self(Some(Arc::new(ask)))
    }

    /// The answer of whoever is not let in.
    pub(super) fn turns_away(&self, request: &Request<Incoming>) -> Option<Response<Body>> {
        self.0.as_ref().and_then(|ask| ask(request))
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open = self.0.is_none();
        f.debug_struct("Door").field("open", &open).finish()
    }
}
