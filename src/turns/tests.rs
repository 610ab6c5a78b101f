use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::Duration;

use super::*;

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
async fn bulk_gives_way_and_small_work_does_not() {
    let turns = turns(4);
    let whose = organisation("anybody");
    let nice = || rustix::process::getpriority_process(None).expect("told");
    let own = nice();
    assert_eq!(turns.run(&whose, 1, nice).await, Ok(own));
    let bulk = turns.run(&whose, PIECE, nice).await.expect("done");
    assert!(bulk >= own && bulk >= GIVES_WAY.min(19), "{bulk}");
}
