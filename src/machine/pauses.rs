//! Pauses in long arithmetic. Loops over many elements call [`between_pieces`]; what happens there, a
//! thread says for itself: by default nothing.

use std::cell::OnceCell;

thread_local! {
    static PAUSE: OnceCell<Box<dyn Fn()>> = const { OnceCell::new() };
}

/// From now on this thread calls `pause` between two pieces of long arithmetic. The first one that it
/// is told stays.
pub fn pause_between_pieces(pause: impl Fn() + 'static) {
    PAUSE.with(|said| {
        let _stays = said.set(Box::new(pause));
    });
}

/// To be called between pieces of about a hundred elements, with no lock held.
#[inline]
pub fn between_pieces() {
    PAUSE.with(|said| {
        if let Some(pause) = said.get() {
            pause();
        }
    });
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn only_the_thread_that_said_so_pauses() {
        let pauses = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&pauses);
        let said = std::thread::spawn(move || {
            pause_between_pieces(move || {
                counted.fetch_add(1, Ordering::Relaxed);
            });
            between_pieces();
            between_pieces();
        });
        said.join().expect("ended");
        between_pieces();
        assert_eq!(pauses.load(Ordering::Relaxed), 2);
    }
}
