//! What the registry receives while a file is screened: elements that look drawn at random, how
//! many they are, and nothing that two screenings of one file have in common.
//!
//! 2,000 applicants; `SARING_FULL=1` takes 40,000, three chunks.

use std::collections::HashSet;
use std::fmt::Write as _;

use saring::agent::RegistryDoor;
use saring::nik::Nik;
use saring::protocol::ListId;
use saring::protocol::codes::Role;
use saring::protocol::evaluation::BlindedElements;

use crate::command::Cli;
use crate::member::{Member, door, row};
use crate::proxy::{Proxy, Said, requests};
use crate::statistics::unevenness;
use crate::unlinkable::{joined, linking};
use crate::world::{COOPERATIVE, World, people};

/// Standard deviations that chance passes once in a billion times.
const CHANCE: f64 = 6.0;
/// Applicants who are on the list.
const LISTED: usize = 300;

struct Stage {
    world: World,
    proxy: Proxy,
    cli: Cli,
    list: ListId,
    count: usize,
    niks: Vec<Nik>,
}

impl Stage {
    async fn new() -> Self {
        let world = World::new();
        let list = world.list("peminjam-macet").await;
        let count = crate::count(2_000, 40_000);
        let niks = people(31, 2 * count);
        let contributor = world.member("ksp-lain", &list, COOPERATIVE, 100_000).await;
        let door = world.door();
        let view = contributor.view(&door, &list).await.unwrap();
        let evaluated = contributor.evaluate(&door, &view, &niks[..LISTED]).await;
        let rows = evaluated.unwrap().0.into_iter().zip(0..);
        let rows = rows.map(|(element, at)| row(element, at)).collect();
        contributor.submit(&door, &view, rows).await.unwrap();
        let proxy = Proxy::before(world.installation.address).await;
        let agent = joined(&world, &proxy, &list, &[Role::Screen], 1_000_000).await;
        let cli = Cli::new(agent.home().folder());
        drop(agent);
        Self {
            world,
            proxy,
            cli,
            list,
            count,
            niks,
        }
    }

    /// Screens people by the executable: what the registry received.
    fn screen(&self, name: &str, niks: &[Nik]) -> Vec<Said> {
        let folder = self.world.installation.folder();
        let (file, out) = (folder.join(format!("{name}.csv")), folder.join(name));
        let mut text = "nik\n".to_owned();
        for nik in niks {
            writeln!(text, "{}", std::str::from_utf8(nik.expose()).unwrap()).unwrap();
        }
        std::fs::write(&file, text).unwrap();
        self.proxy.take_said();
        let (file, out) = (file.display(), out.display());
        let command = format!("screen {file} --list {} --out {out}", self.list);
        let screened = self.cli.call(&command, "");
        assert_eq!(screened.code, Some(0), "{screened:?}");
        requests(&self.proxy.take_said())
    }
}

fn evaluations(requests: &[Said]) -> impl Iterator<Item = &Said> {
    let is = |request: &&Said| request.head.contains("/evaluations ");
    requests.iter().filter(is)
}

/// All elements of a screening.
fn elements(requests: &[Said]) -> Vec<[u8; 32]> {
    let bodies = evaluations(requests).map(|request| BlindedElements::from_bytes(&request.body));
    bodies.flat_map(|elements| elements.unwrap().0).collect()
}

/// What gives elements away as not drawn at random: repeated ones, and values of bytes, or of the
/// differences between neighbours, that are not even. A canonical encoding is an even number below
/// 2^255 - 19 (RFC 9496, section 4.3.2), so the first byte has 128 values and the last one too.
fn pattern(elements: &[[u8; 32]]) -> Vec<String> {
    let mut found = Vec::new();
    let distinct: HashSet<_> = elements.iter().collect();
    if distinct.len() < elements.len() {
        found.push("an element is repeated".to_owned());
    }
    let mut judge = |what: &str, cells: usize, values: &mut dyn Iterator<Item = u8>| {
        let mut counts = vec![0_u64; cells];
        values.for_each(|value| counts[usize::from(value)] += 1);
        let uneven = unevenness(&counts);
        if uneven > CHANCE {
            found.push(format!("{what}: {uneven:.1} deviations"));
        }
    };
    let inner = |element: &[u8; 32]| element[1..31].to_vec();
    judge("first bytes", 128, &mut elements.iter().map(|e| e[0] / 2));
    judge("last bytes", 128, &mut elements.iter().map(|e| e[31] % 128));
    judge("inner bytes", 256, &mut elements.iter().flat_map(inner));
    for at in 1..31 {
        judge(
            &format!("byte {at}"),
            256,
            &mut elements.iter().map(|e| e[at]),
        );
    }
    let pairs = || elements.windows(2);
    let differences = |pair: &[[u8; 32]]| -> Vec<u8> {
        let bytes = (1..31).map(|at| pair[1][at].wrapping_sub(pair[0][at]));
        bytes.collect()
    };
    judge("differences", 256, &mut pairs().flat_map(differences));
    found
}

/// The lengths of heads and bodies of the evaluations, in a canonical order.
fn lengths(requests: &[Said]) -> Vec<(usize, usize)> {
    let of = |request: &Said| (request.head.len(), request.body.len());
    let mut lengths: Vec<_> = evaluations(requests).map(of).collect();
    lengths.sort_unstable();
    lengths
}

fn pieces(requests: &[Said]) -> Vec<Vec<u8>> {
    evaluations(requests).flat_map(Said::pieces).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn screened_people_leave_random_elements_and_a_count() {
    let stage = Stage::new().await;
    let (some, others) = stage.niks.split_at(stage.count);
    // Whatever is fetched once for a list is fetched here.
    stage.screen("first", &others[..5]);
    let runs = [
        stage.screen("once", some),
        stage.screen("again", some),
        stage.screen("others", others),
    ];
    for run in &runs {
        let elements = elements(run);
        assert_eq!(elements.len(), stage.count, "the count, and nothing else");
        assert_eq!(pattern(&elements), Vec::<String>::new());
        assert_eq!(
            lengths(run),
            lengths(&runs[0]),
            "sizes follow from the count"
        );
        assert!(
            run.iter()
                .all(|request| !request.head.contains("/buckets/"))
        );
        let reads = run
            .iter()
            .filter(|request| request.head.starts_with("GET "));
        assert!(reads.clone().all(|request| request.body.is_empty()));
        let asked = evaluations(run).count() + reads.count();
        assert_eq!(asked, run.len(), "evaluations and reads, and nothing else");
    }
    let shared = linking(&[0, 1, 2].map(|run| pieces(&runs[run])));
    assert!(
        shared.is_empty(),
        "two screenings of one file share {shared:?}"
    );
}

/// The controls: a blind that follows from the person alone links two screenings, and what is not
/// blinded has a pattern.
#[tokio::test(flavor = "multi_thread")]
async fn screened_control_a_deterministic_blind_is_caught() {
    let stage = Stage::new().await;
    let roles = [Role::Screen];
    let member = stage.world.member("ksp-naif", &stage.list, &roles, 100_000);
    let member = member.await;
    let view = member.view(&stage.world.door(), &stage.list).await.unwrap();
    let far = door(&stage.proxy.url());
    let ask = async |niks: &[Nik], seed: [u8; 32]| {
        stage.proxy.take_said();
        let blinded = Member::blind(&view, niks, seed);
        let sent = BlindedElements(blinded.sent().encodings().to_vec());
        let order = member.evaluation(&view, &sent).sign(&member.key);
        far.evaluate(&order, &sent).await.unwrap();
        requests(&stage.proxy.take_said())
    };
    let (some, others) = (&stage.niks[..200], &stage.niks[200..400]);
    let naive = [
        ask(some, [1; 32]).await,
        ask(some, [1; 32]).await,
        ask(others, [1; 32]).await,
    ];
    // Each alone looks random: only together they betray the blind.
    assert_eq!(pattern(&elements(&naive[0])), Vec::<String>::new());
    assert!(!linking(&[0, 1, 2].map(|run| pieces(&naive[run]))).is_empty());
    let fresh = [
        ask(some, [2; 32]).await,
        ask(some, [3; 32]).await,
        ask(others, [4; 32]).await,
    ];
    let shared = linking(&[0, 1, 2].map(|run| pieces(&fresh[run])));
    assert_eq!(shared, Vec::<String>::new());

    let naked = some.iter().map(|nik| {
        let mut bytes = [7; 32];
        bytes[8..24].copy_from_slice(nik.expose());
        bytes
    });
    assert!(!pattern(&naked.collect::<Vec<_>>()).is_empty());
    let twice = [&elements(&naive[0])[..], &elements(&naive[0])].concat();
    assert!(pattern(&twice).contains(&"an element is repeated".to_owned()));
}
