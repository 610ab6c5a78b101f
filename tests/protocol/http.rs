//! The same agent over HTTP: every verb through the registry's real routes on loopback.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use saring::agent::{Agent, AgentError, DoorError, Home, SubmitOptions, Unwatched};
use saring::api::registry::Service;
use saring::net::layers::{Gate, Permits};
use saring::net::{Client, ClientOptions, ConnectionCounters, Security, ServeOptions, serve};
use saring::protocol::codes::RemovalCause;
use saring::protocol::organisation::LegalRecord;
use saring::protocol::{Answer, Clock};
use saring::remote::HttpRegistry;
use saring::screening::{Screening, Silent, Status, screen};
use saring::texts::Lang;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::house::{House, STALE, SetClock, acting, digits, niks, officer, org, provider};

struct Server {
    url: String,
    stop: oneshot::Sender<()>,
    task: tokio::task::JoinHandle<()>,
}

async fn start(house: &House) -> Server {
    let local = house.door.inner();
    let connections = Arc::new(ConnectionCounters::default());
    let (registry, custodian) = (local.registry.clone(), local.custodian.clone());
    let service = Service::new(
        registry,
        custodian,
        Gate::new(&Permits::default()),
        connections,
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(async move {
        let shutdown = async {
            stopped.await.expect("told to stop");
        };
        let options = ServeOptions::default();
        let served = serve(
            listener,
            Security::LOOPBACK,
            service.routes(),
            options,
            shutdown,
        );
        served.await.expect("serves");
    });
    Server { url, stop, task }
}

/// The agent of a home, reached over HTTP.
fn over_http(home: &Path, server: &Server, clock: Arc<SetClock>) -> Agent<HttpRegistry> {
    let home = Home::open(home, provider(home)).expect("opens");
    let client = Client::new(ClientOptions::default()).expect("a client");
    Agent::new(home, HttpRegistry::new(client, &server.url), clock)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_verb_goes_through_the_real_routes() {
    let house = House::open().await;
    drop(house.member("ksp-maju").await);
    let server = start(&house).await;
    let agent = over_http(&house.home("ksp-maju"), &server, house.clock.clone());
    assert!(agent.info().await.is_ok());
    assert_eq!(agent.lists().await.expect("lists").len(), 1);
    let people = niks(30, 20);
    let file = house.defaulters("macet.csv", &people[..15]);
    let options = SubmitOptions::default();
    let officer = officer();
    let report = agent
        .submit(&house.list, &file, options, &officer, &mut Unwatched)
        .await;
    assert_eq!(report.expect("uploads").new, 15);

    let lists = [house.list.clone()];
    let ask = async |nik: usize| {
        let results = agent
            .check(&[Ok(people[nik].clone())], &lists, &acting())
            .await;
        let result = results.expect("checks").remove(0);
        (result.answer, result.reason)
    };
    assert_eq!(ask(3).await, (Answer::Listed, None));
    assert_eq!(ask(19).await, (Answer::NotListed, None));
    let lunas = RemovalCause::Lunas;
    agent
        .settle(&house.list, &["PK-3"], lunas, &officer)
        .await
        .expect("settles");
    assert_eq!(ask(3).await, (Answer::Previously, None));
    let own = agent.own_verify(&house.list, 20).await.expect("verifies");
    assert!(own.holds() && own.served == 15, "{own:?}");
    assert_eq!(agent.quota().await.expect("a quota")[0].quota.used, 18);
    let manifest = screened(&house, &agent).await;
    assert_eq!(manifest, (14, 1, 5));

    // A refusal keeps its code; an absent registry is no verdict.
    let denied = agent.organisations().await.expect_err("not the operator");
    assert_eq!(denied.code(), "not_granted");
    server.stop.send(()).expect("still there");
    server.task.await.expect("ends");
    assert_eq!(ask(3).await, (Answer::Unavailable, Some("unreachable")));
}

/// Screens the twenty people over HTTP: listed, previously and not listed.
async fn screened(house: &House, agent: &Agent<HttpRegistry>) -> (u64, u64, u64) {
    let applicants = house.folder.path().join("pelamar.csv");
    let text: String = niks(30, 20).iter().map(|nik| digits(nik) + "\n").collect();
    std::fs::write(&applicants, format!("nik\n{text}")).expect("writes");
    let job = Screening {
        file: &applicants,
        nik_column: None,
        lists: std::slice::from_ref(&house.list),
        out: &house.folder.path().join("hasil"),
        keep_columns: false,
        acting: &acting(),
        patience: Duration::ZERO,
        lang: Lang::En,
    };
    let manifest = screen(agent, &job, &mut Silent).await.expect("screens");
    assert_eq!(manifest.status, Status::Complete);
    let counts = manifest.lists[0].counts;
    (counts.listed, counts.previously, counts.not_listed)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_order_is_told_the_servers_time() {
    let house = House::open().await;
    drop(house.member("ksp-maju").await);
    let server = start(&house).await;
    let behind = SetClock::new();
    behind.pass(-STALE);
    let agent = over_http(&house.home("ksp-maju"), &server, behind);
    let refused = agent.lists().await.expect_err("stale");
    assert_eq!(refused.code(), "stale_order");
    let AgentError::Door(DoorError::Refused { detail, .. }) = refused else {
        panic!("no refusal");
    };
    assert_eq!(detail.server_time, Some(house.clock.now()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_invites_and_lists_over_http() {
    let house = House::open().await;
    drop(house.member("ksp-maju").await);
    let (server, at) = (start(&house).await, house.home("operator"));
    let House {
        operator,
        folder,
        clock,
        ..
    } = house;
    drop(operator);
    let operator = over_http(&at, &server, clock);
    let legal = LegalRecord::default();
    let officer = officer();
    let invited = operator.invite(org("ksp-baru"), legal, server.url.clone(), &officer);
    assert!(invited.await.is_ok());
    let all = operator.organisations().await.expect("organisations");
    assert_eq!(all.len(), 3);
    drop(folder);
}
