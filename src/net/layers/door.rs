//! Turning away at the door: while a class has no place, its requests are refused before anything is
//! done for them: no id, no line in the log (the gate counts, and logs a line a second), nothing of
//! the body is read.

use axum::http::HeaderMap;
use axum::response::Response;

use super::gate::{Gate, RouteClass};
use crate::net::Door;

/// Refuses with what `refusal` makes as long as the request's class, told from path and headers, has
/// no place.
pub fn turn_away(
    gate: &Gate,
    class: impl Fn(&str, &HeaderMap) -> RouteClass + Send + Sync + 'static,
    refusal: impl Fn(&HeaderMap) -> Response + Send + Sync + 'static,
) -> Door {
    let gate = gate.clone();
    Door::new(move |request| {
        let class = class(request.uri().path(), request.headers());
        gate.is_full(class).then(|| {
            gate.count_shed(class);
            refusal(request.headers())
        })
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};

    use axum::Router;
    use axum::http::StatusCode;
    use axum::response::IntoResponse;
    use axum::routing::get;
    use tokio::sync::Semaphore;

    use super::*;
    use crate::net::layers::{Permits, dress, refusal, shed};
    use crate::net::testing::{Running, bare_client, impatient};
    use crate::net::{Security, ServeOptions, Threads};

    #[tokio::test]
    async fn whoever_is_turned_away_costs_no_line_and_is_told_when() {
        let gate = Gate::new(&Permits {
            bulk: 1,
            ..Permits::default()
        });
        let (finish, started) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let (finishing, starting) = (Arc::clone(&finish), Arc::clone(&started));
        let work = move || async move {
            starting.add_permits(1);
            let _ = finishing.acquire().await;
            "worked"
        };
        let lines = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&lines);
        let observer = Arc::new(move |_: &_| {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        let routes = shed(Router::new().route("/", get(work)), &gate, RouteClass::Bulk);
        let routes = dress(routes, Some(observer));
        let class = |path: &str, _: &HeaderMap| match path {
            "/" => RouteClass::Bulk,
            _ => RouteClass::Health,
        };
        let options = ServeOptions {
            door: turn_away(&gate, class, |_| refusal().into_response()),
            ..impatient()
        };
        let running = Running::start(routes, Security::LOOPBACK, options).await;
        let client = bare_client(false);
        let first = tokio::spawn(client.get(running.url("/")).send());
        started.acquire().await.unwrap().forget();
        for _ in 0..5 {
            let turned = client.get(running.url("/")).send().await.unwrap();
            assert_eq!(turned.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(turned.headers()["retry-after"], "1");
            assert!(turned.headers().get("x-request-id").is_none());
        }
        assert_eq!(
            (gate.shed(RouteClass::Bulk), lines.load(Ordering::Relaxed)),
            (5, 0)
        );
        finish.add_permits(2);
        first.await.unwrap().unwrap().text().await.unwrap();
        // The control: with a place, the same request is worked on and has its line.
        let served = client.get(running.url("/")).send().await.unwrap();
        assert!(served.headers().get("x-request-id").is_some());
        assert_eq!(served.text().await.unwrap(), "worked");
        assert!(lines.load(Ordering::Relaxed) >= 1);
    }

    #[tokio::test]
    async fn what_has_a_place_is_worked_on_by_others_and_may_panic() {
        let workers = Threads::workers().unwrap();
        let gate = Gate::new(&Permits::default()).with_workers(workers.handle());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let noting = Arc::clone(&seen);
        let work = move || async move {
            let name = std::thread::current().name().map(str::to_owned);
            noting.lock().unwrap().push(name.unwrap_or_default());
        };
        let panicking = || async {
            if true {
                panic!("on purpose")
            }
        };
        let routes = Router::new().route("/", get(work));
        let routes = routes.route("/panic", get(panicking));
        let routes = dress(shed(routes, &gate, RouteClass::Bulk), None);
        let running = Running::plain(routes).await;
        let client = bare_client(false);
        client.get(running.url("/")).send().await.unwrap();
        let panicked = client.get(running.url("/panic")).send().await.unwrap();
        assert_eq!(panicked.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(*seen.lock().unwrap(), ["worker"]);
        assert_eq!(gate.running(RouteClass::Bulk), 0);
        // Once they are gone the server stops, and says so.
        tokio::task::spawn_blocking(move || workers.close(std::time::Duration::from_secs(5)))
            .await
            .unwrap();
        let late = client.get(running.url("/")).send().await.unwrap();
        assert_eq!(late.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
