use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::Duration;

use super::*;
use crate::machine::between_pieces;

const PIECE: usize = MAX_CHECKED + 1;

fn organisation(name: &str) -> OrgId {
    OrgId::parse(name).expect("an id")
}

fn turns(bulk_each: usize) -> Turns {
    let threads = 2;
    Turns::new(&TurnOptions { threads, bulk_each }).expect("threads")
}

/// Takes every turn until the returned senders are dropped.
async fn occupied(turns: &Turns) -> Vec<std::sync::mpsc::Sender<()>> {
    let mut hold = Vec::new();
    for number in 0..BULK_AT_ONCE {
        let (release, held) = channel::<()>();
        let (began, begun) = oneshot::channel();
        let (turns, whose) = (turns.clone(), organisation(&format!("holder-{number}")));
        tokio::spawn(async move {
            let work = move || {
                let _listens = began.send(());
                let _released = held.recv();
            };
            turns.run(&whose, PIECE, work).await
        });
        begun.await.expect("begins");
        hold.push(release);
    }
    hold
}

#[tokio::test]
async fn organisations_take_turns_however_much_one_brings() {
    let turns = turns(16);
    let hold = occupied(&turns).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut all = Vec::new();
    for (whose, pieces) in [("greedy", 8), ("modest", 1), ("middle", 3)] {
        for _ in 0..pieces {
            let (turns, order, id) = (turns.clone(), order.clone(), organisation(whose));
            all.push(tokio::spawn(async move {
                let work = move || order.lock().expect("whole").push(whose);
                turns.run(&id, PIECE, work).await
            }));
            // Let it queue before the next does.
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    // One turn is given back, so that what waits runs in one order.
    let mut hold = hold.into_iter();
    drop(hold.next());
    for one in all {
        one.await.expect("no panic").expect("done");
    }
    let order = order.lock().expect("whole").clone();
    let first: Vec<_> = order[..6].to_vec();
    assert_eq!(
        first,
        ["greedy", "modest", "middle", "greedy", "middle", "greedy"],
        "{order:?}"
    );
}

#[tokio::test]
async fn small_work_waits_for_no_bulk() {
    let turns = turns(16);
    let _hold = occupied(&turns).await;
    let officer = organisation("officer");
    let done = turns.run(&officer, 1, || 7);
    let done = tokio::time::timeout(Duration::from_secs(10), done).await;
    assert_eq!(done.expect("no waiting"), Ok(7));
}

#[tokio::test]
async fn one_organisation_cannot_fill_the_queue_and_its_places_come_back() {
    let turns = turns(2);
    let hold = occupied(&turns).await;
    let greedy = organisation("greedy");
    let wait = || {
        let (turns, greedy) = (turns.clone(), greedy.clone());
        tokio::spawn(async move { turns.run(&greedy, PIECE, || ()).await })
    };
    let (first, second) = (wait(), wait());
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(turns.run(&greedy, PIECE, || ()).await, Err(NoTurn::Crowded));
    // Whoever goes away gives the place back, and the turn meant for it to the next.
    first.abort();
    let _cancelled = first.await;
    let third = wait();
    drop(hold);
    assert_eq!(second.await.expect("no panic"), Ok(()));
    assert_eq!(third.await.expect("no panic"), Ok(()));
    for _ in 0..8 {
        assert_eq!(turns.run(&greedy, PIECE, || ()).await, Ok(()));
    }
}

#[tokio::test]
async fn work_that_panics_gives_its_turn_back() {
    let turns = turns(4);
    let whose = organisation("unlucky");
    for _ in 0..2 * BULK_AT_ONCE {
        let broken = turns.run(&whose, PIECE, || panic!("on purpose")).await;
        assert_eq!(broken, Err::<(), _>(NoTurn::Broken));
    }
    assert_eq!(turns.run(&whose, PIECE, || 1).await, Ok(1));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn bulk_pauses_while_a_desk_waits_and_not_otherwise() {
    const PIECES: u64 = 200;
    let turns = turns(4);
    let whose = organisation("anybody");
    let left_its_core = || {
        let before = times_left();
        (0..PIECES).for_each(|_| between_pieces());
        times_left() - before
    };
    let waits = turns.desk_waits();
    let beside_a_desk = turns.run(&whose, PIECE, left_its_core).await;
    assert!(beside_a_desk.expect("done") >= PIECES);
    // Small work does not pause, nor, the control, does bulk once nobody waits.
    let small = turns.run(&whose, 1, left_its_core).await;
    drop(waits);
    let alone = turns.run(&whose, PIECE, left_its_core).await;
    assert_eq!((small, alone), (Ok(0), Ok(0)));
}

/// How often the thread that asks has left its core of itself.
#[cfg(target_os = "linux")]
fn times_left() -> u64 {
    let status = std::fs::read_to_string("/proc/thread-self/status").expect("told");
    let times = status.split("\nvoluntary_ctxt_switches:").nth(1);
    let times = times.and_then(|rest| rest.split_whitespace().next());
    times
        .and_then(|times| times.parse().ok())
        .expect("a number")
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn bulk_gives_way_and_small_work_does_not() {
    let turns = turns(4);
    let whose = organisation("anybody");
    let nice = || rustix::process::getpriority_process(None).expect("told");
    let own = nice();
    assert_eq!(turns.run(&whose, 1, nice).await, Ok(own));
    let bulk = turns.run(&whose, PIECE, nice).await.expect("done");
    assert!(bulk >= own && bulk >= GIVES_WAY.min(19), "{bulk}");
}
