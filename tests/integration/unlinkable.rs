//! Nothing that the registry receives before the look-up tells that two questions are about one
//! person. Recorded between the agent and the registry.

use std::collections::HashSet;
use std::sync::Arc;

use saring::agent::{Acting, Agent, Home, RegistryDoor, join, key_folder};
use saring::app::clock::SystemClock;
use saring::keys::{KeyFiles, Sealing};
use saring::nik::Nik;
use saring::protocol::codes::{Purpose, Role};
use saring::protocol::evaluation::BlindedElements;
use saring::protocol::organisation::{Admit, Grant};
use saring::protocol::{Answer, ListId, OfficerId};
use saring::remote::HttpRegistry;

use crate::member::{Member, door};
use crate::proxy::{Proxy, Said, requests};
use crate::world::{COOPERATIVE, World, officer, people};

/// A shared value of this many bytes would link two questions.
const VALUE: usize = 16;

/// The real agent behind a recording proxy.
pub(crate) async fn joined(
    world: &World,
    proxy: &Proxy,
    list: &ListId,
    roles: &[Role],
    daily_quota: u64,
) -> Agent<HttpRegistry> {
    let invitation = world.invite("ksp-maju", &proxy.url()).await;
    let folder = world.installation.folder().join("agent");
    let keys = KeyFiles::open(&key_folder(&folder), Sealing::Plain).unwrap();
    let agent = join(
        &folder,
        Box::new(keys),
        invitation,
        OfficerId::parse("petugas-1").unwrap(),
        door(&proxy.url()),
        Arc::new(SystemClock),
    )
    .await
    .unwrap();
    let home: &Home = agent.home();
    let organisation = home.profile().organisation.clone();
    let grant = Grant {
        organisation: organisation.clone(),
        list: list.clone(),
        roles: roles.to_vec(),
        daily_quota,
    };
    world.operator.grant(&grant, &officer()).await.unwrap();
    let admit = Admit {
        organisation,
        key: home.public_key(),
        list: list.clone(),
        daily_quota,
    };
    let custodian = world.installation.custodian;
    let officer = officer();
    let admitted = world.operator.admit_to_roll(custodian, &admit, &officer);
    admitted.await.unwrap();
    agent
}

/// What the registry received up to the first look-up, in pieces.
fn received(said: &[u8]) -> Vec<Vec<u8>> {
    let requests = requests(said);
    let before = requests
        .iter()
        .take_while(|request| !request.head.contains("/buckets/"));
    let pieces: Vec<_> = before.flat_map(Said::pieces).collect();
    assert!(!pieces.is_empty());
    pieces
}

/// Values that the first two questions share and that stand in the third, about somebody else, not
/// even in part: what is the same in every question links nobody.
pub(crate) fn linking(asked: &[Vec<Vec<u8>>; 3]) -> Vec<String> {
    fn values(pieces: &[Vec<u8>], length: usize) -> HashSet<&[u8]> {
        let windows = pieces.iter().flat_map(|piece| piece.windows(length));
        windows.collect()
    }
    let [first, second] = [0, 1].map(|question| values(&asked[question], VALUE));
    let parts = values(&asked[2], VALUE / 2);
    let is_common = |value: &[u8]| value.windows(VALUE / 2).any(|part| parts.contains(part));
    let shared = first
        .intersection(&second)
        .filter(|value| !is_common(value));
    shared
        .map(|value| value.escape_ascii().to_string())
        .collect()
}

async fn ask(agent: &Agent<HttpRegistry>, proxy: &Proxy, list: &ListId, nik: &Nik) -> Vec<Vec<u8>> {
    proxy.take_said();
    let acting = Acting {
        officer: OfficerId::parse("petugas-1").unwrap(),
        purpose: Purpose::CreditApplication,
    };
    let person = Nik::parse_bytes(nik.expose());
    let lists = [list.clone()];
    let answers = agent.check(&[person], &lists, &acting).await.unwrap();
    assert_eq!(
        answers[0].answer,
        Answer::NotListed,
        "{:?}",
        answers[0].reason
    );
    let said = proxy.take_said();
    let text = String::from_utf8_lossy(&said);
    assert!(text.contains("/evaluations") && text.contains("/buckets/"));
    received(&said)
}

#[tokio::test(flavor = "multi_thread")]
async fn unlinkable_until_the_look_up() {
    let world = World::new();
    let list = world.list("peminjam-macet").await;
    let proxy = Proxy::before(world.installation.address).await;
    let agent = joined(&world, &proxy, &list, COOPERATIVE, 100_000).await;
    let niks = people(8, 2);
    // The record is pinned by a first question, so that the others look alike.
    ask(&agent, &proxy, &list, &niks[1]).await;
    for _ in 0..crate::count(5, 200) {
        let asked = [
            ask(&agent, &proxy, &list, &niks[0]).await,
            ask(&agent, &proxy, &list, &niks[0]).await,
            ask(&agent, &proxy, &list, &niks[1]).await,
        ];
        let shared = linking(&asked);
        assert!(
            shared.is_empty(),
            "two questions about one person share {shared:?}"
        );
    }
}

/// The control: with one seed for both questions the same element is sent twice, and is found.
#[tokio::test(flavor = "multi_thread")]
async fn unlinkable_control_a_repeated_seed_links() {
    let world = World::new();
    let list = world.list("peminjam-macet").await;
    let member = world.member("ksp-maju", &list, COOPERATIVE, 100).await;
    let view = member.view(&world.door(), &list).await.unwrap();
    let proxy = Proxy::before(world.installation.address).await;
    let far = door(&proxy.url());
    let niks = people(8, 2);
    let ask = async |nik: &Nik, seed: [u8; 32]| {
        proxy.take_said();
        let blinded = Member::blind(&view, std::slice::from_ref(nik), seed);
        let sent = BlindedElements(blinded.sent().encodings().to_vec());
        let order = member.evaluation(&view, &sent).sign(&member.key);
        far.evaluate(&order, &sent).await.unwrap();
        received(&proxy.take_said())
    };
    let linked = [
        ask(&niks[0], [1; 32]).await,
        ask(&niks[0], [1; 32]).await,
        ask(&niks[1], [1; 32]).await,
    ];
    assert!(
        !linking(&linked).is_empty(),
        "a repeated element is not recognised"
    );
    let apart = [
        ask(&niks[0], [2; 32]).await,
        ask(&niks[0], [3; 32]).await,
        ask(&niks[1], [4; 32]).await,
    ];
    assert_eq!(linking(&apart), Vec::<String>::new());
}
